"""`python -m dlmc`."""

from dlmc.cli import main

main()
