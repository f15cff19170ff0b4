# SPDX-License-Identifier: Apache-2.0
"""Objects by their names: `module.path:attribute.path` (U-C-01)."""

import importlib
from typing import Any


class NotImportable(Exception):
    """There is no such object; the message says what of the name is at fault."""


def import_object(name: Any) -> Any:
    """The object of that name; what is not a text is the object itself.

    Raises NotImportable, and whatever the module raises while it is imported: a module that it misses is its own fault.
    """
    if not isinstance(name, str):
        return name
    module_name, _, path = name.partition(":")
    if not module_name or not path:
        raise NotImportable(f'Import string "{name}" must be in format "<module>:<attribute>".')
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        raise NotImportable(f'Could not import module "{module_name}".') from None
    try:
        for attribute in path.split("."):
            found = getattr(found, attribute)
    except AttributeError:
        raise NotImportable(f'Attribute "{path}" not found in module "{module_name}".') from None
    return found
