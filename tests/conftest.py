"""Makes the code that tests share importable: `market`, `market_checks` and the folder `cases`."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
