"""`import frappe.x` gives the very module object of `<engine>.x`.

Two copies of a module would mean two `frappe.local`, two exception classes and so on; that is why this is an import
hook that hands out the engine's own modules, and not a package of re-exports.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import CodeType, ModuleType
from typing import Any

from dev.engine import NEW, OLD
from dev.engine.patches import AFTER_LOAD

# importlib writes these on whatever create_module returns; on a shared module they must be put back, or
# resources are looked up (by jinja2's PackageLoader, for one) under a spec that has no files.
_IDENTITY = ("__spec__", "__loader__", "__name__", "__package__", "__path__", "__file__", "__cached__")
_ABSENT = object()


def real_name(name: str) -> str:
    """The rename of the engine went through every part of a name: frappe.frappeclient too."""
    return name.replace(OLD, NEW)


def is_alias(name: str) -> bool:
    return name == OLD or name.startswith(OLD + ".")


class AliasFinder(MetaPathFinder, Loader):
    """Answers imports of the old name with the engine's modules."""

    def __init__(self) -> None:
        self._identities: dict[str, dict[str, Any]] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        real = importlib.util.find_spec(real_name(name)) if is_alias(name) else None
        if real is None:
            return None
        spec = ModuleSpec(name, self, origin=real.origin)
        spec.submodule_search_locations = real.submodule_search_locations
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(real_name(spec.name))
        self._identities[spec.name] = {key: module.__dict__.get(key, _ABSENT) for key in _IDENTITY}
        return module

    def exec_module(self, module: ModuleType) -> None:
        # __spec__ is the alias's at this point
        for key, value in self._identities.pop(module.__spec__.name, {}).items():
            if value is _ABSENT:
                module.__dict__.pop(key, None)
            else:
                setattr(module, key, value)
        _add_old_class_names(module)

    # runpy, inspect and pkgutil ask a loader for these

    def get_code(self, name: str) -> CodeType | None:
        return _real_loader(name).get_code(real_name(name))

    def get_source(self, name: str) -> str | None:
        return _real_loader(name).get_source(real_name(name))

    def get_filename(self, name: str) -> str | None:
        return importlib.util.find_spec(real_name(name)).origin

    def is_package(self, name: str) -> bool:
        return importlib.util.find_spec(real_name(name)).submodule_search_locations is not None


def _real_loader(name: str) -> Any:
    return importlib.util.find_spec(real_name(name)).loader


def _add_old_class_names(module: ModuleType) -> None:
    """CriscoTestCase is FrappeTestCase to whoever writes for Frappe."""
    for name, value in list(vars(module).items()):
        if name.startswith("Crisco") and isinstance(value, type):
            module.__dict__.setdefault("Frappe" + name.removeprefix("Crisco"), value)


class PatchFinder(MetaPathFinder):
    """Runs what `patches` has for a module of the engine once it is loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in AFTER_LOAD:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            spec.loader = _PatchLoader(spec.loader)
        return spec


class _PatchLoader(Loader):
    def __init__(self, inner: Loader) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # the module keeps its real loader: only loading is of interest here
        module.__loader__ = module.__spec__.loader = self.inner
        self.inner.exec_module(module)
        AFTER_LOAD[module.__name__](module)


def install() -> None:
    if not any(isinstance(finder, AliasFinder) for finder in sys.meta_path):
        sys.meta_path[:0] = [AliasFinder(), PatchFinder()]
