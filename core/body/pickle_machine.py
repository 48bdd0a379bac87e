"""Runs the program that a pickle is, knowing only values: nothing is imported, nothing is called.

``pickle.load`` on a file from outside runs whatever its author wished, and even a file that runs
nothing may ask for endless memory or time. This machine knows the opcodes that arrays, numbers,
texts and containers of them need. Names are looked up in the caller's table, which gives stand-ins
that only remember (``pickle_stand_ins``); every value made is charged to a budget *before* it is
made; and keys of dicts are plain values, so that no nested key is ever hashed.
"""

from __future__ import annotations

import codecs
import io
import pickletools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar

from core.body.pickled_arrays import Budget, DamagedPickleError, StandIn, paired

MAX_OPCODES = 2_000_000
"""Honest files hold their numbers in arrays, which are one string each."""

_VALUE_BYTES, _CONTAINER_BYTES, _MEMO_BYTES = 32, 96, 96
"""What CPython takes for a number on the stack, an empty container, a place in the memo."""

_OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}
_CONSTANTS: Mapping[str, object] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_EMPTY_CONTAINERS: Mapping[str, type] = {
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": StandIn,
}
_TUPLE_SIZES: Mapping[str, int | None] = {
    "EMPTY_TUPLE": 0,
    "TUPLE1": 1,
    "TUPLE2": 2,
    "TUPLE3": 3,
    "TUPLE": None,
}
_PLAIN_VALUES = (
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE",
    "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
)  # fmt: skip

FindName = Callable[[str, str], Any]
"""``(module, name)`` to a stand-in class or a plain value; raises for names it does not know."""


class ForbiddenOpcodeError(DamagedPickleError):
    """An opcode that reaches outside the file: no array needs one."""


class PickleMachine:
    """Reads one pickle from a stream, up to and including its STOP."""

    def __init__(
        self,
        stream: BinaryIO,
        *,
        find_name: FindName,
        budget: Budget,
        persistent: Callable[[Any], Any] | None = None,
        max_opcodes: int = MAX_OPCODES,
    ) -> None:
        """The stream must be in memory: reads of declared sizes must not allocate ahead.

        Args:
            stream: at the pickle's first opcode.
            find_name: the table of names.
            budget: what values may take, charged as they are made.
            persistent: gives the object of a persistent id; None: there is none outside the file.
            max_opcodes: after which the pickle is given up.
        """
        self._stream, self._find_name, self._budget = stream, find_name, budget
        self._persistent, self._max_opcodes = persistent, max_opcodes
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        """The value of the pickle; raises ``DamagedPickleError`` and what the table raises."""
        for _ in range(self._max_opcodes):
            opcode = _OPCODES.get(self._stream.read(1))
            if opcode is None:
                raise DamagedPickleError("it ends early, or holds an unknown opcode")
            if opcode.name == "STOP":
                return self._pop()
            self._step(opcode.name, self._argument_of(opcode))
        raise DamagedPickleError(f"it has more than {self._max_opcodes} opcodes")

    def _argument_of(self, opcode: pickletools.OpcodeInfo) -> Any:
        if opcode.arg is None:
            return None
        if opcode.name == "STRING":  # pickletools reads ASCII alone, Python 2 wrote any bytes
            quoted = self._stream.readline().strip()
            if len(quoted) < 2 or quoted[:1] not in b"\"'" or quoted[-1:] != quoted[:1]:
                raise DamagedPickleError("a text is not quoted")
            return codecs.escape_decode(quoted[1:-1])[0].decode("latin-1")  # type: ignore[attr-defined]
        return opcode.arg.reader(self._stream)

    def _step(self, name: str, argument: Any) -> None:
        if name in _CONSTANTS:
            self._push(_CONSTANTS[name])
        elif name in _EMPTY_CONTAINERS:
            self._push_container(_EMPTY_CONTAINERS[name]())
        elif name in _TUPLE_SIZES:
            self._tuple(_TUPLE_SIZES[name])
        elif name in self._HANDLERS:
            self._HANDLERS[name](self, argument)
        else:
            raise ForbiddenOpcodeError(f"the pickle uses the opcode {name}")

    # The stack

    def _pop(self) -> Any:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise DamagedPickleError("its stack is empty")
        return self._stack.pop()

    def _pop_to_mark(self, _argument: Any = None) -> list[Any]:
        if not self._marks:
            raise DamagedPickleError("its stack has no mark")
        mark = self._marks.pop()
        items = self._stack[mark:]
        del self._stack[mark:]
        return items

    def _pop_several(self, count: int) -> tuple[Any, ...]:
        return tuple(self._pop() for _ in range(count))[::-1]

    def _push(self, value: Any) -> None:
        self._budget.spend(_VALUE_BYTES)
        self._stack.append(value)

    def _push_container(self, value: Any, items: int = 0) -> None:
        self._budget.spend(_CONTAINER_BYTES + _VALUE_BYTES * items)
        self._stack.append(value)

    def _mark(self, _argument: Any) -> None:
        self._budget.spend(_VALUE_BYTES)
        self._marks.append(len(self._stack))

    def _drop(self, _argument: Any) -> None:
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self._pop()

    def _duplicate(self, _argument: Any) -> None:
        top = self._pop()
        self._stack.append(top)
        self._push(top)

    # The memo

    def _put(self, index: Any) -> None:
        self._budget.spend(_MEMO_BYTES)
        top = self._pop()
        self._stack.append(top)
        self._memo[len(self._memo) if index is None else int(index)] = top

    def _get(self, index: Any) -> None:
        if index not in self._memo:
            raise DamagedPickleError("it refers to a value that it does not hold")
        self._push(self._memo[index])

    # Containers

    def _tuple(self, count: int | None) -> None:
        items = self._pop_to_mark() if count is None else self._pop_several(count)
        self._push_container(tuple(items), len(items))

    def _list(self, _argument: Any) -> None:
        items = self._pop_to_mark()
        self._push_container(items, len(items))

    def _dict(self, _argument: Any) -> None:
        items = self._pop_to_mark()
        self._push_container({})
        self._set_items(self._top_of(dict), items)

    def _append(self, _argument: Any) -> None:
        item = self._pop()
        self._budget.spend(_VALUE_BYTES)
        self._top_of(list).append(item)

    def _appends(self, _argument: Any) -> None:
        items = self._pop_to_mark()
        self._budget.spend(_VALUE_BYTES * len(items))
        self._top_of(list).extend(items)

    def _set_item(self, _argument: Any) -> None:
        pair = self._pop_several(2)
        self._set_items(self._top_of(dict), pair)

    def _set_several(self, _argument: Any) -> None:
        items = self._pop_to_mark()
        self._set_items(self._top_of(dict), items)

    def _set_items(self, target: dict[Any, Any], items: Sequence[Any]) -> None:
        self._budget.spend(_CONTAINER_BYTES * len(items))
        target.update(paired(items))

    def _add_to_set(self, _argument: Any) -> None:
        self._pop_to_mark()
        self._top_of(StandIn)

    def _frozen_set(self, _argument: Any) -> None:
        self._pop_to_mark()
        self._push_container(StandIn())

    def _top_of(self, kind: type) -> Any:
        top = self._pop()
        if type(top) is not kind:
            raise DamagedPickleError(f"it fills a {type(top).__name__} as a {kind.__name__}")
        self._stack.append(top)
        return top

    # Names and stand-ins

    def _global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._push(self._find_name(module, name))

    def _stack_global(self, _argument: Any) -> None:
        module, name = self._pop_several(2)
        if not (isinstance(module, str) and isinstance(name, str)):
            raise DamagedPickleError("a name is no text")
        self._push(self._find_name(module, name))

    def _call(self, function: Any, arguments: Any) -> None:
        if not (isinstance(function, type) and issubclass(function, StandIn)):
            raise DamagedPickleError("it calls something that is no name")
        if type(arguments) is not tuple:
            raise DamagedPickleError("it calls a name without arguments")
        copied = sum(map(_copied_bytes, arguments))
        self._budget.spend(copied + _CONTAINER_BYTES)  # before anything is made
        self._stack.append(function(*arguments))

    def _reduce(self, _argument: Any) -> None:
        self._call(*self._pop_several(2))

    def _new_with_keywords(self, _argument: Any) -> None:
        function, arguments, keywords = self._pop_several(3)
        if keywords != {}:
            raise DamagedPickleError("it calls a name with keywords")
        self._call(function, arguments)

    def _instance(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        arguments = tuple(self._pop_to_mark())
        self._call(self._find_name(module, name), arguments)

    def _object(self, _argument: Any) -> None:
        function, *arguments = self._pop_to_mark() or [None]
        self._call(function, tuple(arguments))

    def _build(self, _argument: Any) -> None:
        """Give a stand-in its state; attributes of a dict (an OrderedDict's) are left out."""
        state = self._pop()
        top = self._pop()
        if isinstance(top, StandIn):
            top.state = state
            top.read_on(self._stream, self._budget)
        elif type(top) is not dict:
            raise DamagedPickleError(f"it sets the state of a {type(top).__name__}")
        self._stack.append(top)

    def _persistent_id(self, _argument: Any) -> None:
        if self._persistent is None:
            raise ForbiddenOpcodeError("the pickle uses the opcode BINPERSID")
        self._push(self._persistent(self._pop()))

    _HANDLERS: ClassVar[Mapping[str, Callable[[PickleMachine, Any], object]]] = {
        **dict.fromkeys(("PROTO", "FRAME"), lambda _machine, _argument: None),
        **dict.fromkeys(_PLAIN_VALUES, _push),
        **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _put),
        **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get),
        **dict.fromkeys(("REDUCE", "NEWOBJ"), _reduce),
        "MARK": _mark,
        "POP": _drop,
        "POP_MARK": _pop_to_mark,
        "DUP": _duplicate,
        "LIST": _list,
        "DICT": _dict,
        "APPEND": _append,
        "APPENDS": _appends,
        "SETITEM": _set_item,
        "SETITEMS": _set_several,
        "ADDITEMS": _add_to_set,
        "FROZENSET": _frozen_set,
        "GLOBAL": _global,
        "STACK_GLOBAL": _stack_global,
        "NEWOBJ_EX": _new_with_keywords,
        "INST": _instance,
        "OBJ": _object,
        "BUILD": _build,
        "BINPERSID": _persistent_id,
    }


def _copied_bytes(argument: object) -> int:
    """What a copy of an argument takes at most."""
    if isinstance(argument, str | bytes | bytearray):
        return len(argument)
    return _CONTAINER_BYTES * len(argument) if isinstance(argument, list | tuple | dict) else 0


def run_pickle(
    content: bytes, *, find_name: FindName, budget: Budget, max_opcodes: int = MAX_OPCODES
) -> Any:
    """The value of a pickle in memory."""
    return PickleMachine(
        io.BytesIO(content), find_name=find_name, budget=budget, max_opcodes=max_opcodes
    ).run()
