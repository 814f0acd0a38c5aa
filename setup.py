"""List the packages: every folder of the three rooms, under the name it installs as.

setuptools cannot discover packages by itself where a folder is called otherwise than
its package. Everything else about the project stands in pyproject.toml.
"""

import tomllib
from pathlib import Path

from setuptools import find_packages, setup

PROJECT = tomllib.loads(Path(__file__).with_name("pyproject.toml").read_text("utf-8"))
ROOMS = PROJECT["tool"]["setuptools"]["package-dir"]

setup(
    packages=[
        name
        for room, folder in ROOMS.items()
        for name in [room, *(f"{room}.{found}" for found in find_packages(folder))]
    ]
)
