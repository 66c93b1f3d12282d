"""Labelled results: the table of variables, datasets, files and summaries. Nothing heavy is imported."""

from usadel.errors import ResultError, SchemaError, StorageError
from usadel.results.branches import branch_summary_text, build_branch_dataset
from usadel.results.critical import critical_dataset, critical_text
from usadel.results.dataset import build_dataset
from usadel.results.existing import Existing, examine
from usadel.results.schema import COORDINATES, FORMAT_VERSION, VARIABLES, Entry, entry
from usadel.results.storage import check_writable, load, save, write_file
from usadel.results.summary import summarize, summary_text

__all__ = [
    "COORDINATES",
    "FORMAT_VERSION",
    "VARIABLES",
    "Entry",
    "Existing",
    "ResultError",
    "SchemaError",
    "StorageError",
    "branch_summary_text",
    "build_branch_dataset",
    "build_dataset",
    "check_writable",
    "critical_dataset",
    "critical_text",
    "entry",
    "examine",
    "load",
    "save",
    "summarize",
    "summary_text",
    "write_file",
]
