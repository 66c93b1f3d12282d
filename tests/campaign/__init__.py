"""The campaign: what becomes of random devices, kind by kind (docs/campaign.md)."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # helpers of all tests, which lie beside conftest.py
