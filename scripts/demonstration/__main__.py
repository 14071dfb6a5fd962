"""What scripts/demo runs, once there is a Python to run it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from demonstration.command import main  # noqa: E402

sys.exit(main())
