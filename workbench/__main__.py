"""`python -m workbench` is the `workbench` command."""

from workbench.wiring import main

main()
