"""`python -m tilexplorer`."""

from tilexplorer.cli import main

raise SystemExit(main())
