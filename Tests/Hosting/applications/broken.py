# SPDX-License-Identifier: Apache-2.0
"""Applications that cannot be started."""

raise RuntimeError("at import")
