# SPDX-License-Identifier: Apache-2.0
"""Has Swift build the extension module; all else stands in pyproject.toml."""

import pathlib
import subprocess

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class BuildExtension(build_ext):
    def build_extension(self, ext: Extension) -> None:
        root = pathlib.Path(__file__).parent
        output = pathlib.Path(self.get_ext_fullpath(ext.name)).resolve()
        subprocess.run([root / "scripts/lib/build-extension", output], check=True)


setup(
    ext_modules=[Extension("alicorn._alicorn", sources=[], py_limited_api=True)],
    cmdclass={"build_ext": BuildExtension},
)
