"""What layers, interfaces and reservoirs have in common: keys, one-line errors, resolution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from usadel.description.values.keys import Key, Name, Quantity
from usadel.errors import InputError, shown, unknown


class Description(BaseModel):
    """Frozen set of keys, each declared with a `Key`; whatever is wrong with a value is one `InputError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    kind: ClassVar[str] = ""
    refused: ClassVar[Mapping[str, str]] = {}  # keys that other kinds have, and why this one does not

    if not TYPE_CHECKING:  # type checkers take the signature from the fields, and see what is frozen themselves

        def __init__(self, *unnamed: Any, **values: Any) -> None:
            if unnamed:
                raise _nameless(unnamed[0], type(self))
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise _first(error, type(self)) from None

        def __setattr__(self, key: str, value: Any) -> None:
            try:
                super().__setattr__(key, value)
            except ValidationError:
                raise self._frozen(key, shown(value)) from None

        def __delattr__(self, key: str) -> None:
            try:
                super().__delattr__(key)
            except ValidationError:
                raise self._frozen(key, "None") from None

    @classmethod
    def keys(cls) -> dict[str, Key]:
        """The keys of this kind in the order of their declaration."""
        return dict(_keys(cls))

    @classmethod
    def default(cls, key: str) -> Any:
        """Value of a key that is not given; None also for a key that has to be."""
        return None if cls.required(key) else cls.model_fields[key].default

    @classmethod
    def required(cls, key: str) -> bool:
        """Whether a key has to be given."""
        return cls.model_fields[key].is_required()

    def given(self, key: str) -> Any:
        """What stands at a key: the value as written, or its default."""
        return getattr(self, key)

    def written(self) -> dict[str, Any]:
        """The explicitly given values, in the order of declaration."""
        given = {key: getattr(self, key) for key in _keys(type(self)) if key in self.model_fields_set}
        return {key: value for key, value in given.items() if value is not None}

    def in_force(
        self,
        names: Mapping[str, float],
        device: Mapping[str, float] | None = None,
        numbers: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Value of every key with expressions evaluated and defaults filled in.

        Parameters
        ----------
        names : mapping
            Values of the parameters.
        device : mapping
            Values that elements inherit from the device: ``temperature``, ``inelastic``.
        numbers : mapping
            Numbers in the place of what is written with units.

        Raises
        ------
        InputError
            If one is out of range, or they contradict each other.
        """
        values: dict[str, Any] = {}
        for name, key in _keys(type(self)).items():
            value = (numbers or {}).get(name, getattr(self, name))
            if value is None and isinstance(key, Quantity) and key.inherited:
                value = (device or {})[name]
            try:
                values[name] = value if value is None else key.resolve(value, names)
            except InputError as error:
                raise error.under(name).at(kind=self.kind) from None
        for name, problem in self._inconsistencies(values):
            raise InputError(problem, key=name, kind=self.kind)
        return values

    def _inconsistencies(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Keys that contradict each other with the values in force, and what is allowed."""
        return iter(())

    def _frozen(self, key: str, value: str) -> InputError:
        """Why nothing can be assigned to a key, and what to do instead."""
        if key not in _keys(type(self)):
            return InputError(unknown("key", key, _keys(type(self))), key=key, kind=self.kind)
        path = self._path_of(key)
        return InputError(
            f"is frozen and cannot be assigned; make a changed copy: device.replace({{'{path}': {value}}})",
            key=key, kind=self.kind,
        )  # fmt: skip

    def _path_of(self, key: str) -> str:
        """A path at which a device that holds this finds the key."""
        return key


class Element(Description):
    """Anything that has a kind and a place in a device."""

    symbol: ClassVar[str] = "?"  # in the drawing of a device

    name: Annotated[str | None, Name(meaning="Name for paths and results", optional=True, absent="kind and place")] = (
        None
    )

    def _path_of(self, key: str) -> str:
        return f"{self.name or 'stack.i'}.{key}"


@cache
def _keys(cls: type[Description]) -> dict[str, Key]:
    keys = {}
    for name, field in cls.model_fields.items():
        keys[name] = next(item for item in field.metadata if isinstance(item, Key))
    return keys


def _nameless(value: Any, cls: type[Description]) -> InputError:
    """Why a value without the name of its key is refused."""
    key = next((key for key in _keys(cls) if cls.required(key)), "name")
    return InputError(f"keys are given by name, such as {cls.__name__}({key}=…), not {shown(value)}", kind=cls.kind)


def _first(error: ValidationError, cls: type[Description]) -> InputError:
    """The first of pydantic's findings as a one-line error; a misspelt key before the one that it leaves missing."""
    findings = error.errors(include_url=False)
    found = next((finding for finding in findings if finding["type"] == "extra_forbidden"), findings[0])
    key = str(found["loc"][0]) if found["loc"] else ""
    cause = found.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return cause.under(key).at(kind=cause.kind or cls.kind)
    if found["type"] == "extra_forbidden":
        problem = cls.refused.get(key) or unknown("key", key, cls.model_fields)
        return InputError(problem, key=key, kind=cls.kind)
    if found["type"] == "missing":
        return InputError(f"is required: {cls.keys()[key].allowed}", key=key, kind=cls.kind)
    return InputError(found["msg"], key=key, kind=cls.kind)
