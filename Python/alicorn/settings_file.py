# SPDX-License-Identifier: Apache-2.0
"""A file with options by their names, which count less than those on the command line and in variables."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

_LONGEST = 1 << 20


def read_settings(context: click.Context, option: click.Parameter, path: str | None) -> None:
    """Makes what the file says the defaults of the command."""
    if path is None:
        return
    try:
        values = _parser(path)(_contents(path))
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"the configuration file '{path}' cannot be read: {error}", context, option) from None
    if not isinstance(values, dict):
        raise click.BadParameter(f"the configuration file '{path}' holds no options by their names.", context, option)
    context.default_map = {**(context.default_map or {}), **_defaults(context, option, path, values)}


def _contents(path: str) -> str:
    with Path(path).open("rb") as file:
        contents = file.read(_LONGEST + 1)
    if len(contents) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} bytes")
    return contents.decode()


def _parser(path: str) -> Callable[[str], Any]:
    """The end of the name tells the format."""
    kind = path.lower().rpartition(".")[2]
    if kind == "json":
        return json.loads
    if kind not in ("yaml", "yml"):
        raise ValueError("its name must end in .json, .yaml or .yml")
    try:
        import yaml
    except ImportError:
        raise ValueError("install the package PyYAML to use YAML") from None

    def parse(text: str) -> Any:
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ValueError(f"it is no YAML: {error}") from None

    return parse


def _defaults(
    context: click.Context, option: click.Parameter, path: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    parameters = {_name(parameter): parameter for parameter in context.command.params}
    defaults = {}
    for key, value in values.items():
        parameter = parameters.get(str(key).replace("_", "-"))
        if parameter is None or parameter is option or parameter.name is None:
            raise click.BadParameter(
                f"the configuration file '{path}' has the key '{key}', but there is no such option.", context, option
            )
        if isinstance(value, list) and not getattr(parameter, "multiple", False):
            value = ",".join(map(str, value))
        elif getattr(parameter, "multiple", False) and not isinstance(value, list):
            value = [value]
        defaults[parameter.name] = value
    return defaults


def _name(parameter: click.Parameter) -> str:
    """What it is called in a file: as on the command line, without the dashes."""
    return parameter.opts[0].lstrip("-").replace("_", "-")
