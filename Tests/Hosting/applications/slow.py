# SPDX-License-Identifier: Apache-2.0
"""An application that takes its time to be imported."""

import time

from pid import app  # noqa: F401

time.sleep(0.5)
