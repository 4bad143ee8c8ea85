"""Where the engine compares or looks up names as text, the import alias cannot help: these wrappers do.

Each takes a module of the engine right after it was loaded. They translate names and change nothing else.
This file is read at every start of Python in the bench's environment, so it imports nothing heavy.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from dev.engine import NEW, OLD


def real_path(path: str) -> str:
    """Dotted paths in hooks, scheduler events and /api/method/... start with `frappe.`"""
    return NEW + path[len(OLD) :] if path == OLD or path.startswith(OLD + ".") else path


def real_paths(value: Any) -> Any:
    """The same for everything inside a hook, keys of dicts included (override_whitelisted_methods has them)."""
    if isinstance(value, str):
        return real_path(value)
    if isinstance(value, dict):
        return {real_paths(key): real_paths(item) for key, item in value.items()}
    if isinstance(value, list):
        return [real_paths(item) for item in value]
    return value


def _patch_framework(module: ModuleType) -> None:
    _translate_argument(module, "get_attr", real_path)
    _translate_argument(module, "get_app_path", real_path)
    load = module._load_app_hooks

    @wraps(load)
    def load_hooks(app_name: str | None = None) -> dict[str, Any]:
        return real_paths(load(app_name))

    module._load_app_hooks = load_hooks


def _patch_handler(module: ModuleType) -> None:
    """So that an override of `frappe.client.x` is found under either name."""
    _translate_argument(module, "execute_cmd", real_path)


def _patch_installer(module: ModuleType) -> None:
    """`required_apps` may say "frappe" or "frappe/crm"; the engine would ask a web service about such names."""
    module.parse_app_name = lambda name: real_path(name.rstrip("/").rsplit("/", 1)[-1].partition("@")[0])


def _patch_safe_globals(module: ModuleType) -> None:
    """Jinja templates, server scripts and client scripts speak of `frappe`."""
    get_safe_globals = module.get_safe_globals

    @wraps(get_safe_globals)
    def with_old_name() -> dict[str, Any]:
        names = get_safe_globals()
        names[OLD] = names[NEW]
        return names

    module.get_safe_globals = with_old_name


def _patch_jinja(module: ModuleType) -> None:
    """Scripts inside a web page run before any bundle: `window.frappe` must exist from the first line."""
    from jinja2 import BaseLoader

    get_jloader = module.get_jloader

    class Translating(BaseLoader):
        def __init__(self, inner: BaseLoader) -> None:
            self.inner = inner

        def get_source(self, environment: Any, template: str) -> Any:
            source, *rest = self.inner.get_source(environment, template)
            return source.replace(f"window.{NEW} = {{}};", f"window.{OLD} = window.{NEW} = {{}};"), *rest

        def list_templates(self) -> list[str]:
            return self.inner.list_templates()

    @wraps(get_jloader)
    def translating_loader() -> BaseLoader:
        return Translating(get_jloader())

    module.get_jloader = translating_loader


def _patch_db_manager(module: ModuleType) -> None:
    """The engine puts this path into a shell command unquoted; a checkout may lie in a folder with spaces."""
    restore = module.DbManager.restore_database

    def quoted(target: str, source: str, *rest: str) -> None:
        restore(target, shlex.quote(source), *rest)

    module.DbManager.restore_database = staticmethod(quoted)


def _patch_translate(module: ModuleType) -> None:
    """Apps for Frappe 15.55 and newer have their translations in .po files, which the engine does not know."""
    from dev.engine import catalogue

    read = module.get_translation_dict_from_file

    @wraps(read)
    def with_catalogue(path: str, lang: str, app: str, throw: bool = False) -> dict[str, str]:
        po = Path(path).parents[1] / "locale" / f"{lang.replace('-', '_')}.po"
        return read(path, lang, app, throw) | catalogue.texts(po)

    module.get_translation_dict_from_file = with_catalogue


def _translate_argument(module: ModuleType, name: str, translate: Callable[[str], str]) -> None:
    function = getattr(module, name)

    @wraps(function)
    def translated(path: str, *args: Any, **kwargs: Any) -> Any:
        return function(translate(path), *args, **kwargs)

    setattr(module, name, translated)


AFTER_LOAD: dict[str, Callable[[ModuleType], None]] = {
    NEW: _patch_framework,
    f"{NEW}.database.db_manager": _patch_db_manager,
    f"{NEW}.handler": _patch_handler,
    f"{NEW}.installer": _patch_installer,
    f"{NEW}.translate": _patch_translate,
    f"{NEW}.utils.jinja": _patch_jinja,
    f"{NEW}.utils.safe_exec": _patch_safe_globals,
}
