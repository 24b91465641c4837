"""Nine places, each taken before its file is stored; and what the world is told of photos."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from microwish.events import Actor, Role
from microwish.events.wish import WishPosted, WishRevised
from microwish.when import When
from wish_service.domain import picturing, review
from wish_service.domain.errors import PhotoNotFound, PhotoPlaceLost, TooManyPhotos, WrongState
from wish_service.domain.photos import PHOTOS_AT_MOST, PhotoState, approved_ids
from wish_service.domain.states import Status
from wish_service.domain.wish import Wish
from wish_service.store.documents import from_document, to_document

BY = Actor(person_id="p1", role=Role.RESIDENT)
STAFF = Actor(person_id="s1", role=Role.STAFF)


def taken(wish: Wish, id: str, file: str, when: When) -> Wish:
    decision = picturing.take_place(wish, id, file, when)
    assert decision is not None
    return decision.wish


def with_photo(wish: Wish, id: str, when: When) -> Wish:
    placed = taken(wish, id, f"file-{id}", when)
    return picturing.add_photo(placed, f"file-{id}", (2000, 1500), BY, when).wish


def approved(wish: Wish, id: str, when: When) -> Wish:
    decision = picturing.approve_photo(wish, id, STAFF, when)
    assert decision is not None
    return decision.wish


def test_the_tenth_finds_no_place_and_a_place_counts_before_its_file_is_there(
    wish: Callable[..., Wish], when: When
) -> None:
    full = wish()
    for n in range(PHOTOS_AT_MOST):
        full = taken(full, f"f{n}", f"file-{n}", when)
    with pytest.raises(TooManyPhotos) as refused:
        picturing.take_place(full, "one-more", "file-x", when)
    assert refused.value.extra == {"limit": 9}
    left = picturing.leave_place(full, "file-3")
    assert left is not None
    assert len(taken(left.wish, "one-more", "file-x", when).photos) == PHOTOS_AT_MOST


def test_a_place_is_nobodys_business_until_the_file_is_there(wish: Callable[..., Wish], when: When) -> None:
    placed = picturing.take_place(wish(), "f1", "file-1", when)
    assert placed is not None
    assert (placed.events, placed.wish.timeline) == ((), ())
    assert picturing.names(placed.wish, "file-1")
    assert not picturing.has(placed.wish, "file-1")
    with pytest.raises(PhotoNotFound):
        picturing.photo_of(placed.wish, "f1")
    added = picturing.add_photo(placed.wish, "file-1", (2000, 1500), BY, when)
    assert added.events == ()
    assert [line.what for line in added.wish.timeline] == ["PhotoAdded"]
    photo = picturing.photo_of(added.wish, "f1")
    assert (photo.state, photo.width, photo.height) == (PhotoState.WAITING, 2000, 1500)


def test_a_retry_takes_the_place_over_and_the_first_try_has_lost_it(wish: Callable[..., Wish], when: When) -> None:
    first = taken(wish(), "f1", "file-of-first", when)
    second = taken(first, "f1", "file-of-second", when)
    assert len(second.photos) == 1
    with pytest.raises(PhotoPlaceLost):
        picturing.add_photo(second, "file-of-first", (1, 1), BY, when)
    assert picturing.leave_place(second, "file-of-first") is None
    done = picturing.add_photo(second, "file-of-second", (1, 1), BY, when).wish
    assert picturing.leave_place(done, "file-of-second") is None
    with pytest.raises(PhotoPlaceLost):
        picturing.add_photo(done, "file-of-second", (1, 1), BY, when)
    assert picturing.take_place(done, "f1", "file-of-third", when) is None
    assert picturing.has(done, "file-of-second")


def test_old_places_are_given_up_and_photos_stay(wish: Callable[..., Wish], when: When) -> None:
    later = When.now(lambda: when.at + timedelta(hours=1))
    both = taken(with_photo(wish(), "f1", when), "f2", "file-2", when)
    all_three = picturing.take_place(both, "f3", "file-3", later).wish
    left = picturing.leave_old_places(all_three, later.at)
    assert left is not None
    assert [photo.id for photo in left.wish.photos] == ["f1", "f3"]
    assert picturing.leave_old_places(left.wish, later.at) is None


def test_before_review_nothing_is_told_and_posting_tells_what_is_approved(
    wish: Callable[..., Wish], when: When
) -> None:
    two = with_photo(with_photo(wish(), "f1", when), "f2", when)
    one_approved = picturing.approve_photo(two, "f2", STAFF, when)
    assert one_approved is not None
    assert one_approved.events == ()
    posted = review.approve(one_approved.wish, "标题", "说明", STAFF, when)
    [told] = [event for event in posted.events if isinstance(event, WishPosted)]
    assert told.photo_ids == ["f2"]
    without = review.approve(wish(), "标题", "说明", STAFF, when)
    assert "photo_ids" not in without.events[-1].model_dump(exclude_none=True)


def test_on_the_wall_every_change_of_what_everybody_sees_is_told(wish: Callable[..., Wish], when: When) -> None:
    on_wall = with_photo(wish(status=Status.POSTED, posted_at=when.at), "f1", when)
    approval = picturing.approve_photo(on_wall, "f1", STAFF, when)
    assert approval is not None
    [told] = approval.events
    assert isinstance(told, WishRevised)
    assert (told.photo_ids, told.title) == (["f1"], None)
    assert picturing.approve_photo(approval.wish, "f1", STAFF, when) is None
    with_second = with_photo(approval.wish, "f2", when)
    unseen = picturing.remove_photo(with_second, "f2", BY, when)
    assert unseen.events == ()
    [gone] = picturing.remove_photo(with_second, "f1", BY, when).events
    assert isinstance(gone, WishRevised)
    assert gone.photo_ids == []
    with pytest.raises(PhotoNotFound):
        picturing.remove_photo(with_second, "f3", BY, when)


def test_a_wish_that_has_ended_takes_no_photo_but_lets_go_of_one(wish: Callable[..., Wish], when: When) -> None:
    ended = with_photo(wish(), "f1", when)
    ended = review.reject(ended, "v1.k1.AAAA", STAFF, when).wish
    with pytest.raises(WrongState):
        picturing.take_place(ended, "f2", "file-2", when)
    with pytest.raises(WrongState):
        picturing.approve_photo(ended, "f1", STAFF, when)
    assert picturing.remove_photo(ended, "f1", BY, when).wish.photos == ()


def test_documents_keep_photos_and_say_what_somebody_has_to_look_at(wish: Callable[..., Wish], when: When) -> None:
    placed = taken(with_photo(wish(), "f1", when), "f2", "file-2", when)
    document = {"_id": placed.id, "streamversion": 0, **to_document(placed)}
    assert from_document(document) == placed
    assert (document["photos_since"], document["places_since"]) == (None, when.recorded_at)
    on_wall = with_photo(wish(status=Status.POSTED, posted_at=when.at), "f1", when)
    assert to_document(on_wall)["photos_since"] == when.at
    assert to_document(approved(on_wall, "f1", when))["photos_since"] is None
    assert approved_ids(approved(on_wall, "f1", when).photos) == ["f1"]
    old = {name: value for name, value in document.items() if name not in {"photos", "photos_since", "places_since"}}
    assert from_document(old).photos == ()
