"""The state of a live figure as one line of code that makes it again."""

from IPython import get_ipython


def call(name: str, arguments: dict[str, str]) -> str:
    """A call with keywords; arguments: from their names to their code."""
    return f"{name}({', '.join(f'{key}={code}' for key, code in arguments.items())})"


def of_settings(now: dict, first: dict) -> dict[str, str]:
    """Code of the settings that are not what they were at first, by name; start_x and start_y are one, start.

    Where a name from a list has changed, places are told in any case: another landscape has a start of its own.
    """
    listed = any(isinstance(value, str) and value != first[name] for name, value in now.items())
    found = {}
    for name, value in now.items():
        pair, axis = name[:-2], name[-2:]
        both = [f"{pair}_x", f"{pair}_y"]
        if axis in ("_x", "_y") and all(part in now for part in both):
            if axis == "_x" and (listed or any(now[part] != first[part] for part in both)):
                found[pair] = f"({', '.join(literal(now[part]) for part in both)})"
        elif value != first[name]:
            found[name] = literal(value)
    return found


def literal(value: bool | str | float) -> str:
    """A setting as people write it in code: .5 as 0.5, 2.0 as 2.0, a name in double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def of_objects(objects: dict[str, object]) -> str:
    """A dict of a learner's own things as code."""
    return "{" + ", ".join(f"{literal(name)}: {of_object(thing)}" for name, thing in objects.items()) + "}"


def of_object(thing: object) -> str:
    """What a learner calls a thing: its name in the notebook, or else the one it was defined by; … for none."""
    names = getattr(get_ipython(), "user_ns", {})
    found = [name for name, other in names.items() if other is thing and not name.startswith("_")]
    defined = getattr(thing, "__name__", None) or getattr(thing, "name", "")
    return found[0] if found else defined if defined.isidentifier() else "…"
