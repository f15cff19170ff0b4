# SPDX-License-Identifier: Apache-2.0
"""`python -m alicorn` is `alicorn`."""

from alicorn.command import main

if __name__ == "__main__":
    main(prog_name="alicorn")
