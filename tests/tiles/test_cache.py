from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toyz_tiles.cache import ByteCache


@given(
    puts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60),
    limit=st.integers(0, 100),
)
def test_it_never_holds_more_than_its_limit(puts: list[tuple[int, int]], limit: int) -> None:
    cache: ByteCache[bytes] = ByteCache(limit)
    for key, size in puts:
        cache.put(key, bytes(size))
        assert cache.used <= limit
        found = cache.get(key)
        assert (found is None) == (size > limit)
    assert cache.used == sum(len(value) for key in range(10) if (value := cache.get(key)) is not None)


def test_what_was_used_longest_ago_goes_first() -> None:
    cache: ByteCache[bytes] = ByteCache(30)
    for key in "abc":
        cache.put(key, bytes(10))
    cache.get("a")
    cache.put("d", bytes(10))
    assert [key for key in "abcd" if cache.get(key) is not None] == ["a", "c", "d"]


def test_arrays_tuples_and_forgetting() -> None:
    cache: ByteCache[object] = ByteCache(1000)
    cache.put("array", np.zeros(10, np.float64))
    cache.put("pair", ("jpeg", b"123"), 3)
    assert cache.used == 83
    cache.discard("array")
    cache.discard("array")
    assert (cache.used, len(cache)) == (3, 1)
    cache.clear()
    assert (cache.used, cache.get("pair")) == (0, None)
    with pytest.raises(TypeError):
        cache.put("pair", ("jpeg", b"123"))


def test_threads_may_share_it() -> None:
    cache: ByteCache[bytes] = ByteCache(500)

    def work(seed: int) -> None:
        for i in range(3000):
            cache.put((i * seed) % 17, bytes(i % 97))
            cache.get((i + seed) % 17)
            cache.discard(i % 5)

    threads = [Thread(target=work, args=(seed,)) for seed in (1, 2, 3, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.used == sum(len(value) for key in range(17) if (value := cache.get(key)) is not None) <= 500


def test_what_is_offered_twice_in_time_is_kept() -> None:
    cache: ByteCache[bytes] = ByteCache(100)
    cache.put_if_again("a", bytes(40))
    assert cache.get("a") is None
    cache.put_if_again("a", bytes(40))
    assert cache.get("a") == bytes(40)


def test_what_comes_round_too_seldom_to_be_found_is_not_kept() -> None:
    cache: ByteCache[bytes] = ByteCache(100)
    for _ in range(5):
        for key in "abc":
            cache.put_if_again(key, bytes(40))
    assert len(cache) == 0


def test_what_was_discarded_counts_as_never_offered() -> None:
    cache: ByteCache[bytes] = ByteCache(100)
    cache.put_if_again("a", b"1")
    cache.discard("a")
    cache.put_if_again("a", b"1")
    assert cache.get("a") is None
    cache.clear()
    cache.put_if_again("a", b"1")
    assert cache.get("a") is None
