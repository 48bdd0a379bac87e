"""Pickles from outside: arrays come through, code never runs."""

from __future__ import annotations

import collections
import os
import pickle
import struct
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from core.body.pickled_arrays import InertObject
from core.body.restricted_unpickler import load_restricted_pickle
from core.errors import BodyFileError, UnsafePickleError


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "body.pkl"
    path.write_bytes(content)
    return path


def loaded(tmp_path: Path, value: object, protocol: int) -> object:
    return load_restricted_pickle(written(tmp_path, pickle.dumps(value, protocol)))


def short_text(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


def calls(module: str, name: str, *texts: str) -> bytes:
    """A protocol 4 pickle that calls ``module.name(*texts)`` through STACK_GLOBAL and REDUCE."""
    arguments = b"".join(short_text(text) for text in texts)
    return b"\x80\x04" + short_text(module) + short_text(name) + b"\x93(" + arguments + b"tR."


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_and_containers_of_every_protocol_come_through(
    tmp_path: Path, protocol: int
) -> None:
    rng = np.random.default_rng(0)
    value = {
        "c": rng.normal(size=(3, 4)),
        "fortran": np.asfortranarray(rng.normal(size=(3, 4)).astype(np.float32)),
        "faces": np.arange(6, dtype=np.uint32).reshape(2, 3),
        "big_endian": np.arange(3, dtype=">i4"),
        "flags": np.array([True, False]),
        "names": np.array(["left", "right"]),
        "empty": np.zeros((0, 3)),
        "scalar": np.float64(2.5),
        "ordered": collections.OrderedDict([("a", 1)]),
        "nested": [(1, "x", None, b"\xff\x00", b"")],
    }
    result = loaded(tmp_path, value, protocol)
    assert isinstance(result, dict)
    for name in ("c", "fortran", "faces", "big_endian", "flags", "names", "empty"):
        np.testing.assert_array_equal(result[name], value[name])
        assert result[name].dtype == value[name].dtype  # type: ignore[attr-defined]
    assert result["scalar"] == 2.5
    assert result["ordered"] == {"a": 1}
    assert result["nested"] == value["nested"]


@pytest.mark.parametrize("new_name", [False, True])
def test_the_old_and_the_new_name_of_numpys_core_are_read(tmp_path: Path, new_name: bool) -> None:
    content = pickle.dumps(np.arange(4.0), protocol=2)
    old, new = b"cnumpy.core.", b"cnumpy._core."
    assert old in content or new in content
    content = content.replace(old, new) if new_name else content.replace(new, old)
    np.testing.assert_array_equal(load_restricted_pickle(written(tmp_path, content)), np.arange(4))


def test_a_python_2_pickle_is_read_as_latin1(tmp_path: Path) -> None:
    """Python 2 wrote an array's bytes as a plain string, here with bytes above 127."""
    raw = struct.pack("<2d", -1.5, 3.25)
    content = (
        b"\x80\x02}U\x05meansq\x01cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\n"
        b"K\x00\x85U\x01b\x87R(K\x01K\x02\x85cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x10" + raw + b"tbs."
    )
    result = load_restricted_pickle(written(tmp_path, content))
    assert isinstance(result, dict)
    np.testing.assert_array_equal(result["means"], [-1.5, 3.25])


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("layout", ["csc", "csr", "coo"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_sparse_matrices_come_through(
    tmp_path: Path, layout: str, kind: str, protocol: int
) -> None:
    dense = np.array([[0, 1.5, 0], [2.0, 0, 0.5]])
    matrix = getattr(scipy.sparse, f"{layout}_{kind}")(dense)
    result = loaded(tmp_path, matrix, protocol)
    np.testing.assert_array_equal(result.toarray(), dense)  # type: ignore[attr-defined]


def test_the_old_module_names_of_scipy_are_read(tmp_path: Path) -> None:
    content = pickle.dumps(scipy.sparse.csc_matrix(np.eye(3)), protocol=2)
    assert b"cscipy.sparse._csc\n" in content
    content = content.replace(b"cscipy.sparse._csc\n", b"cscipy.sparse.csc\n")
    result = load_restricted_pickle(written(tmp_path, content))
    np.testing.assert_array_equal(result.toarray(), np.eye(3))  # type: ignore[attr-defined]


def test_a_sparse_shape_of_numpys_numbers_is_read(tmp_path: Path) -> None:
    matrix = scipy.sparse.csc_matrix(np.eye(3))
    matrix._shape = (np.int64(3), np.int64(3))
    result = loaded(tmp_path, matrix, 2)
    np.testing.assert_array_equal(result.toarray(), np.eye(3))  # type: ignore[attr-defined]


class RunsCode:
    """An object whose unpickling calls a function."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, ...]:
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_os_system_is_refused_by_name_and_not_run(tmp_path: Path, protocol: int) -> None:
    witness = tmp_path / "witness"
    evil = RunsCode(os.system, f"touch {witness}")
    with pytest.raises(UnsafePickleError, match=rf"{os.system.__module__}\.system"):
        loaded(tmp_path, {"v_template": np.eye(3), "evil": evil}, protocol)
    assert not witness.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("builtins", "getattr"),
        ("builtins", "__import__"),
        ("builtins", "open"),
        ("builtins", "bytearray"),
        ("__builtin__", "eval"),
        ("copyreg", "__newobj__"),
        ("copyreg", "add_extension"),
        ("subprocess", "Popen"),
        ("importlib", "import_module"),
        ("operator", "attrgetter"),
        ("functools", "partial"),
        ("pickle", "loads"),
        ("numpy", "load"),
        ("numpy", "memmap"),
        ("numpy", "fromfile"),
        ("numpy.testing", "measure"),
        ("numpy.testing._private.utils", "runstring"),
        ("numpy.f2py", "compile"),
        ("numpy.core.multiarray", "fromfile"),
        ("numpy._core.multiarray", "fromiter"),
        ("scipy.sparse", "load_npz"),
        ("scipy.io", "loadmat"),
        ("torch", "load"),
        # Dotted names: protocol 4 would walk from the allowed object to what hangs below it.
        ("numpy", "ndarray.tofile"),
        ("numpy", "f2py.os.system"),
        ("numpy", "dtype.__class__.__subclasses__"),
        ("numpy.core.multiarray", "_reconstruct.__globals__"),
        ("collections", "OrderedDict.__init__.__globals__"),
        ("_codecs", "encode.__self__"),
        ("chumpy.ch", "Ch.__class__"),
        ("chumpy", "ch.os.system"),
        ("chumpyx.ch", "Ch"),
    ],
)
def test_names_that_arrays_do_not_need_are_refused(tmp_path: Path, module: str, name: str) -> None:
    with pytest.raises(UnsafePickleError) as caught:
        load_restricted_pickle(written(tmp_path, calls(module, name, "touch nothing")))
    assert f"{module}.{name}" in str(caught.value)


def test_the_old_global_opcode_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(UnsafePickleError, match=r"posix\.system"):
        load_restricted_pickle(written(tmp_path, b"cposix\nsystem\n(S'true'\ntR."))


def test_the_inst_opcode_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(UnsafePickleError, match=r"posix\.system"):
        load_restricted_pickle(written(tmp_path, b"(S'true'\niposix\nsystem\n."))


def test_persistent_ids_and_extension_codes_are_refused(tmp_path: Path) -> None:
    for content in (b"Pelsewhere\n.", b"\x80\x02K\x01Q.", b"\x80\x02\x82\x01.", b"\x80\x05\x97."):
        with pytest.raises(UnsafePickleError, match="opcode"):
            load_restricted_pickle(written(tmp_path, content))


def test_arrays_of_objects_are_refused(tmp_path: Path) -> None:
    for value in (np.array([{"a": 1}, None], dtype=object), np.zeros(2, dtype=[("a", "f8")])):
        with pytest.raises(BodyFileError, match="not read"):
            loaded(tmp_path, {"v_template": value}, 2)


def test_an_object_in_an_array_of_objects_is_not_built(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    value = np.array([RunsCode(os.system, f"touch {witness}")], dtype=object)
    with pytest.raises(UnsafePickleError):
        loaded(tmp_path, value, 4)
    assert not witness.exists()


def test_an_unknown_class_cannot_be_reconstructed(tmp_path: Path) -> None:
    content = b"ccopy_reg\n_reconstructor\n(cnumpy\ndtype\nc__builtin__\nobject\nNtR."
    with pytest.raises(BodyFileError, match="unknown class"):
        load_restricted_pickle(written(tmp_path, content))


def test_a_pickle_cannot_change_the_stand_ins(tmp_path: Path) -> None:
    """BUILD on a class or a function would set attributes that outlive the load."""
    set_state = b"}U\x06poisonK\x01sb."
    for name in (b"numpy\ndtype", b"_codecs\nencode", b"collections\nOrderedDict"):
        with pytest.raises(BodyFileError):
            load_restricted_pickle(written(tmp_path, b"\x80\x02c" + name + b"\n" + set_state))
    np.testing.assert_array_equal(loaded(tmp_path, np.eye(2), 2), np.eye(2))
    assert not hasattr(dict, "poison")


def dtype_pickle(code: str) -> bytes:
    return b"cnumpy\ndtype\n(S'" + code.encode() + b"'\nI0\nI1\ntR"


def array_pickle(shape: str, content: str) -> bytes:
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n"
        + shape.encode() + dtype_pickle("f8") + b"I00\n" + content.encode() + b"tb."
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        array_pickle("(L1000000000000L\nt", "S'12345678'\n"),
        array_pickle("(I-1\nt", "S'12345678'\n"),
        array_pickle("(I0\nL1180591620717411303424L\nt", "S''\n"),
        array_pickle("(I1\nt", "(lp0\n"),
        b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"x.",  # BINBYTES8 longer than the file
        b"c__builtin__\nbytes\n(L1000000000000L\ntR.",
        b"\x80\x02" + b"(" * 10,
        b"",
        b"not a pickle at all",
        pickle.dumps(np.eye(3), 2)[:-10],
    ],
)
def test_damage_and_memory_bombs_are_named_as_such(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BodyFileError):
        load_restricted_pickle(written(tmp_path, content))


def test_a_place_in_the_memo_costs_nothing_however_high_its_number(tmp_path: Path) -> None:
    """The interpreter's own unpickler makes room for all the places before it."""
    for content in (b"\x80\x02Nr" + struct.pack("<I", 10**6) + b".", b"Np1000000\n."):
        assert load_restricted_pickle(written(tmp_path, content)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04}K\x01K\x02\x86K\x01s.",
        b"\x80\x04}(K\x01\x85K\x01u.",
        b"(K\x01\x85K\x01d.",
        b"ccollections\nOrderedDict\n((lp0\n((lp1\nI1\ntatR.",
    ],
)
def test_keys_of_dicts_are_plain_values_so_that_none_takes_long_to_hash(
    tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(BodyFileError, match=r"a key of the type|pairs"):
        load_restricted_pickle(written(tmp_path, content))


def test_what_is_referred_to_many_times_counts_many_times(tmp_path: Path) -> None:
    """Lists of lists of one list: a few bytes that an array of them would make gigabytes of."""
    wide = b"\x80\x04](" + b"K\x01" * 100 + b"e\x94"
    for level in range(4):
        wide += b"](" + (b"h" + bytes([level])) * 100 + b"e\x94"
    with pytest.raises(BodyFileError, match="too many times"):
        load_restricted_pickle(written(tmp_path, wide + b"."))


def test_copies_are_charged_before_they_are_made(tmp_path: Path) -> None:
    """One long text, encoded again and again: each call of the codec makes new bytes."""
    text = b"X" + struct.pack("<I", 2**20) + b"a" * 2**20 + b"q\x000X\x06\0\0\0latin1q\x010"
    call = b"c_codecs\nencode\nh\x00h\x01\x86R"
    with pytest.raises(BodyFileError, match="more memory"):
        load_restricted_pickle(written(tmp_path, b"\x80\x02(" + text + call * 200 + b"l."))


@pytest.mark.parametrize("opcode", [b"]", b"K\x01\x94"])
def test_endless_small_values_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opcode: bytes
) -> None:
    monkeypatch.setattr("core.body.restricted_unpickler.LEAST_BUDGET_BYTES", 2**20)
    with pytest.raises(BodyFileError, match="memory"):
        load_restricted_pickle(written(tmp_path, b"\x80\x04" + opcode * 20_000 + b"."))


def test_a_text_of_python_2_may_hold_any_byte_in_the_oldest_protocol(tmp_path: Path) -> None:
    assert load_restricted_pickle(written(tmp_path, b"S'caf\\xe9'\n.")) == "café"


def test_a_dict_with_attributes_is_a_plain_dict(tmp_path: Path) -> None:
    """As torch writes the state of a network: an OrderedDict with ``_metadata``."""
    value = collections.OrderedDict([("a", 1)])
    value._metadata = {"version": 1}  # type: ignore[attr-defined]
    for protocol in (0, 2, 4):
        assert loaded(tmp_path, value, protocol) == {"a": 1}


def test_many_arrays_sharing_one_content_are_refused(tmp_path: Path) -> None:
    """300 arrays of one megabyte each in a file of little more than a megabyte."""
    raw = b"\x80\x02B" + struct.pack("<I", 2**20) + bytes(2**20) + b"q\x630"
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
        b"(K\x01J\x00\x00\x02\x00\x85cnumpy\ndtype\n(U\x02f8K\x00K\x01tR\x89h\x63tb"
    )
    content = raw + b"(" + array * 300 + b"l."
    with pytest.raises(BodyFileError, match="too many times"):
        load_restricted_pickle(written(tmp_path, content))


def test_nested_and_self_holding_containers_are_refused_quickly(tmp_path: Path) -> None:
    doubling: list[object] = []
    for _ in range(60):
        doubling = [doubling, doubling]
    with pytest.raises(BodyFileError, match="nested"):
        loaded(tmp_path, doubling, 4)
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(BodyFileError, match="nested"):
        loaded(tmp_path, endless, 4)


def test_a_sparse_matrix_with_indices_outside_is_refused(tmp_path: Path) -> None:
    for name, value in (("indices", [0, 7, 1]), ("indptr", [0, 1, 2, 900]), ("_shape", (9**9, 9))):
        matrix = scipy.sparse.csc_matrix(np.eye(3))
        if name == "_shape":
            matrix._shape = value
        else:
            setattr(matrix, name, np.array(value, dtype=np.int32))
        with pytest.raises(BodyFileError):
            loaded(tmp_path, matrix, 2)


def test_a_file_beyond_the_size_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.body.restricted_unpickler.MAX_FILE_BYTES", 10)
    with pytest.raises(BodyFileError, match="limit"):
        loaded(tmp_path, np.eye(3), 2)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BodyFileError, match=r"nowhere\.pkl"):
        load_restricted_pickle(tmp_path / "nowhere.pkl")


def test_endless_names_of_chumpy_are_refused(tmp_path: Path) -> None:
    names = b"".join(b"cchumpy\nCh%d\n" % index for index in range(1001))
    with pytest.raises(BodyFileError, match="more than 1000 names"):
        load_restricted_pickle(written(tmp_path, b"(" + names + b"l."))


@pytest.fixture
def chumpy_like(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """Fake ``chumpy`` modules to pickle from; ``forget()`` removes them before a file is read."""
    ch, reordering = types.ModuleType("chumpy.ch"), types.ModuleType("chumpy.reordering")
    made = {}
    for module, name in ((ch, "Ch"), (reordering, "Select"), (ch, "MatVecMult")):
        made[name] = type(name, (), {"__module__": module.__name__})
        setattr(module, name, made[name])
    for module in (types.ModuleType("chumpy"), ch, reordering):
        monkeypatch.setitem(sys.modules, module.__name__, module)

    def forget() -> None:
        for name in ("chumpy", "chumpy.ch", "chumpy.reordering"):
            monkeypatch.delitem(sys.modules, name)

    return types.SimpleNamespace(**made, forget=forget)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_chumpy_objects_give_their_arrays_without_chumpy(
    tmp_path: Path, chumpy_like: types.SimpleNamespace, protocol: int
) -> None:
    values = np.arange(12.0).reshape(3, 4)
    plain, select, formula = chumpy_like.Ch(), chumpy_like.Select(), chumpy_like.MatVecMult()
    plain.__dict__.update(x=values, _dirty_vars={"x"}, _itr=None, _status="new")
    select.__dict__.update(a=plain, idxs=np.array([5, 0, 11, 2]), preferred_shape=(2, 2))
    formula.__dict__.update(a=select, b=plain)
    path = written(
        tmp_path,
        pickle.dumps({"shapedirs": plain, "select": select, "J": formula, "kind": "lbs"}, protocol),
    )
    chumpy_like.forget()
    result = load_restricted_pickle(path)
    assert isinstance(result, dict)
    np.testing.assert_array_equal(result["shapedirs"], values)
    np.testing.assert_array_equal(result["select"], [[5, 0], [11, 2]])
    assert result["J"] == InertObject("chumpy.ch.MatVecMult")
    assert result["kind"] == "lbs"
    assert "chumpy" not in sys.modules


def test_a_chumpy_name_hides_no_code(tmp_path: Path, chumpy_like: types.SimpleNamespace) -> None:
    """A class of that module whose construction would run something is never imported."""
    ran: list[str] = []
    chumpy_like.Ch.__init__ = lambda self, *_: ran.append("init")
    chumpy_like.Ch.__setstate__ = lambda self, _: ran.append("setstate")
    result = load_restricted_pickle(written(tmp_path, calls("chumpy.ch", "Ch", "text")))
    assert result == InertObject("chumpy.ch.Ch")
    assert ran == []
