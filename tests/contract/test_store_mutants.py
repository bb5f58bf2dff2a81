"""Each guard of the scripts is needed: without it a check of the contract fails."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.store.protocol import Fenced
from streams.store.scripts import NAMES, source
from tests.contract import test_store as contract
from tests.contract import test_store_redis as on_redis
from tests.contract.stores import Bench, RedisBench

Check = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True)
class Mutant:
    """A script without one of its guards, and the check that must notice."""

    what: str
    script: str
    old: str
    new: str
    check: Check


def _wrong_start(start: int, end: int) -> Check:
    return partial(contract.test_a_batch_that_does_not_begin_at_next_changes_nothing, start=start, end=end)


CLAIM_HOLDS = "held[1] ~= ARGV[1] or held[2] ~= ARGV[2]"
TWICE = contract.test_an_epoch_that_a_store_gave_twice_after_a_loss_does_not_let_the_first_owner_in
PIECES = partial(contract.test_ids_come_back_in_the_order_in_which_they_were_stored, sizes=(1, 509, 1, 510, 3))
DISTINCT = contract.test_distinct_ids_are_a_set_however_they_come

MUTANTS = [
    # claim
    Mutant(
        "lease ignored",
        "claim",
        "tonumber(held[3] or 0) > now and",
        "false and",
        contract.test_an_older_generation_is_refused_while_a_newer_lease_is_alive,
    ),
    Mutant(
        "lease never ends",
        "claim",
        "tonumber(held[3] or 0) > now and",
        "",
        contract.test_an_older_generation_may_claim_when_the_lease_has_run_out,
    ),
    Mutant(
        "generation ignored",
        "claim",
        "tonumber(held[2] or 0) > tonumber(ARGV[2])",
        "true",
        contract.test_the_same_generation_takes_over_at_once,
    ),
    Mutant(
        "generations compared as texts",
        "claim",
        "tonumber(held[2] or 0) > tonumber(ARGV[2])",
        "(held[2] or '0') > ARGV[2]",
        contract.test_an_older_generation_is_refused_while_a_newer_lease_is_alive,
    ),
    Mutant(
        "epoch stays",
        "claim",
        "tonumber(held[1] or 0) + 1",
        "tonumber(held[1] or 1)",
        contract.test_the_batches_of_an_old_epoch_are_refused_even_at_the_right_place,
    ),
    Mutant(
        "no lease written",
        "claim",
        "'lease', string.format('%.0f', now + ARGV[3]), ",
        "",
        contract.test_a_claim_lasts_for_the_lease_by_the_stores_clock,
    ),
    # pin
    Mutant(
        "epoch ignored",
        "pin",
        CLAIM_HOLDS,
        "held[2] ~= ARGV[2]",
        contract.test_a_void_claim_cannot_move_the_position,
    ),
    Mutant("owner ignored", "pin", CLAIM_HOLDS, "held[1] ~= ARGV[1]", TWICE),
    Mutant(
        "a retry counts again",
        "pin",
        "held[3] ~= ARGV[3]",
        "true",
        contract.test_a_gap_is_counted_once_when_the_move_is_tried_again,
    ),
    Mutant(
        "prev stays",
        "pin",
        "redis.call('HDEL', ledger, 'prev')",
        "",
        contract.test_after_a_move_an_earlier_batch_is_not_taken_for_applied,
    ),
    # verify
    Mutant(
        "epoch ignored",
        "verify",
        CLAIM_HOLDS,
        "held[2] ~= ARGV[2]",
        contract.test_a_position_that_differs_or_a_void_claim_is_not_verified_and_not_renewed,
    ),
    Mutant("owner ignored", "verify", CLAIM_HOLDS, "held[1] ~= ARGV[1]", TWICE),
    Mutant(
        "position ignored",
        "verify",
        " or held[3] ~= ARGV[3]",
        "",
        contract.test_a_store_that_went_back_in_time_is_noticed_and_a_replay_ends_in_the_same_content,
    ),
    Mutant(
        "lease not renewed",
        "verify",
        "'lease', string.format('%.0f', now + ARGV[4]), ",
        "",
        contract.test_a_claim_is_verified_where_it_stands_and_its_lease_renewed,
    ),
    Mutant(
        "nothing pruned",
        "verify",
        "redis.call('ZREM', changes, pane)",
        "",
        on_redis.test_expired_panes_leave_the_changes_at_a_verification,
    ),
    # release
    Mutant(
        "epoch ignored",
        "release",
        "held[1] == ARGV[1] and ",
        "",
        contract.test_a_void_claim_releases_nothing,
    ),
    Mutant("owner ignored", "release", " and held[2] == ARGV[2]", "", TWICE),
    Mutant(
        "lease stays",
        "release",
        "redis.call('HSET', ledger, 'lease', 0)",
        "",
        contract.test_a_released_partition_can_be_claimed_at_once,
    ),
    # admit
    Mutant(
        "no limit",
        "admit",
        "known or room > 0",
        "true",
        contract.test_a_scope_admits_its_first_names_and_stays_with_them,
    ),
    Mutant(
        "nobody is swept",
        "admit",
        "room <= 0 and not swept",
        "false",
        contract.test_a_name_that_was_silent_for_36_days_gives_up_its_place,
    ),
    Mutant(
        "swept a day early",
        "admit",
        "< today - silence",
        "<= today - silence",
        contract.test_a_name_that_was_silent_for_36_days_gives_up_its_place,
    ),
    Mutant(
        "a lagging day counts",
        "admit",
        "tonumber(known) < today",
        "tonumber(known) ~= today",
        contract.test_a_worker_whose_day_lags_does_not_shorten_a_names_stay,
    ),
    # apply: the position
    Mutant(
        "epoch ignored",
        "apply",
        CLAIM_HOLDS,
        "held[2] ~= ARGV[2]",
        contract.test_the_batches_of_an_old_epoch_are_refused_even_at_the_right_place,
    ),
    Mutant("owner ignored", "apply", CLAIM_HOLDS, "held[1] ~= ARGV[1]", TWICE),
    Mutant("start ignored", "apply", "held[3] ~= ARGV[3]", "false", _wrong_start(0, 10)),
    Mutant(
        "end compared instead of start",
        "apply",
        "held[3] ~= ARGV[3]",
        "tonumber(ARGV[4]) <= tonumber(held[3])",
        _wrong_start(5, 15),
    ),
    Mutant(
        "a retry is refused",
        "apply",
        "return 2",
        "return 0",
        contract.test_a_batch_that_is_tried_again_counts_once,
    ),
    Mutant(
        "prev ignored",
        "apply",
        " and held[4] == ARGV[3]",
        "",
        contract.test_a_batch_that_ends_where_the_last_one_did_but_began_elsewhere_is_refused,
    ),
    Mutant(
        "end ignored in a retry",
        "apply",
        "held[3] == ARGV[4] and ",
        "",
        _wrong_start(2, 12),
    ),
    Mutant(
        "prev not written",
        "apply",
        "'prev', ARGV[3], ",
        "",
        contract.test_a_batch_that_is_tried_again_counts_once,
    ),
    Mutant(
        "lease not renewed",
        "apply",
        "'lease', whole('%.0f', now + ARGV[5]),",
        "",
        on_redis.test_a_batch_renews_the_lease,
    ),
    Mutant(
        "not verified by a batch",
        "apply",
        "'verified', whole('%.0f', now), ",
        "",
        on_redis.test_a_batch_renews_the_lease,
    ),
    # apply: what moves
    Mutant(
        "arrival goes back",
        "apply",
        "math.max(batch[1], tonumber(held[5] or 0))",
        "batch[1]",
        contract.test_arrival_and_watermark_never_go_back,
    ),
    Mutant(
        "watermark goes back",
        "apply",
        "math.max(batch[2], tonumber(held[6] or 0))",
        "batch[2]",
        contract.test_arrival_and_watermark_never_go_back,
    ),
    Mutant(
        "expired panes kept",
        "apply",
        "if expiry > now_s then",
        "if true then",
        contract.test_what_falls_into_a_forgotten_pane_is_not_stored_and_the_rest_of_its_batch_is,
    ),
    Mutant(
        "bytes of expired panes not passed over",
        "apply",
        "skip(section[3])",
        "",
        contract.test_what_falls_into_a_forgotten_pane_is_not_stored_and_the_rest_of_its_batch_is,
    ),
    Mutant(
        "panes never expire",
        "apply",
        "later('EXPIREAT', key, expiry)",
        "",
        contract.test_panes_are_forgotten_five_hours_and_35_days_and_an_hour_after_their_end,
    ),
    Mutant(
        "changes not noted",
        "apply",
        "later('ZADD', changes, sequence, name)",
        "",
        contract.test_a_view_learns_which_panes_changed_after_a_sequence,
    ),
    Mutant(
        "rows overwritten",
        "apply",
        "new = add_kind(old, new)",
        "",
        contract.test_a_second_batch_adds_to_the_first,
    ),
    Mutant(
        "a longer new row cut",
        "apply",
        "if n < m then",
        "if false then",
        partial(contract.test_rows_may_grow_by_further_facts, first=[1], second=[10, 20, 30], whole=[11, 20, 30]),
    ),
    Mutant(
        "an empty new row packed",
        "apply",
        "if m == 0 then",
        "if false then",
        partial(contract.test_rows_may_grow_by_further_facts, first=[], second=[], whole=[]),
    ),
    Mutant(
        "fields by the thousand",
        "apply",
        "local STEP = 2000",
        "local STEP = 8000",
        contract.test_a_pane_of_thousands_of_rows_is_added_up_row_by_row,
    ),
    Mutant(
        "own facts unsorted",
        "apply",
        "and before(old[at], name) do",
        "do",
        contract.test_one_event_at_a_time_and_all_at_once_end_in_the_same_content,
    ),
    Mutant("ids kept twice", "apply", "if sub(old, here, here + 7) ~= id then", "if true then", DISTINCT),
    Mutant(
        "ids compared by half",
        "apply",
        " or held_greater == greater and held_lesser < lesser then",
        " then",
        DISTINCT,
    ),
    Mutant("ids sought beyond their place", "apply", "local high = size", "local high = 0", DISTINCT),
    Mutant(
        "damaged ids taken",
        "apply",
        "#old % 8 ~= 0",
        "false",
        partial(on_redis.test_a_damaged_set_stops_its_batch_before_anything_is_written),
    ),
    # apply: memory
    Mutant("no new piece of seen ids", "apply", "later('RPUSH', ", "(function() end)(", PIECES),
    Mutant("last piece not filled", "apply", "later('LSET', ", "(function() end)(", PIECES),
    Mutant(
        "pieces of any length",
        "apply",
        "if last and #last < PIECE then",
        "if false then",
        contract.test_one_event_at_a_time_and_all_at_once_end_in_the_same_content,
    ),
    Mutant(
        "forgotten hours stored",
        "apply",
        "if hour > forgotten then",
        "if true then",
        contract.test_a_batch_that_spans_days_leaves_only_ids_within_the_horizon,
    ),
    Mutant(
        "no hour forgotten",
        "apply",
        "later('DEL', ",
        "(function() end)(",
        contract.test_ids_are_forgotten_by_arrival_and_never_by_the_clock,
    ),
    Mutant(
        "hours forgotten that held nothing",
        "apply",
        "math.min(forgotten, hour_of(tonumber(held[5] or 0)))",
        "forgotten",
        on_redis.test_hours_that_held_nothing_are_not_forgotten_one_by_one,
    ),
    Mutant(
        "forgotten by the clock",
        "apply",
        "hour_of(arrival) - batch[3]",
        "hour_of(now) - batch[3]",
        contract.test_ids_are_forgotten_by_arrival_and_never_by_the_clock,
    ),
    Mutant(
        "an hour forgotten early",
        "apply",
        "- batch[3] - 2",
        "- batch[3] - 1",
        contract.test_ids_are_forgotten_by_arrival_and_never_by_the_clock,
    ),
    Mutant(
        "an hour kept on",
        "apply",
        "- batch[3] - 2",
        "- batch[3] - 3",
        contract.test_ids_are_forgotten_by_arrival_and_never_by_the_clock,
    ),
    Mutant(
        "states that leave stay",
        "apply",
        "later('HDEL', ",
        "(function(...) end)(",
        contract.test_thousands_of_calls_and_reps_come_and_go_in_one_batch,
    ),
    Mutant(
        "a source goes back",
        "apply",
        "if last and tonumber(last) < entries[i + 1] then",
        "if last then",
        contract.test_a_source_keeps_its_latest_time_and_a_partition_its_first_sources,
    ),
    Mutant(
        "sources without end",
        "apply",
        "if not last and room > 0 then",
        "if not last then",
        contract.test_a_source_keeps_its_latest_time_and_a_partition_its_first_sources,
    ),
    Mutant(
        "counters overwritten",
        "apply",
        "tonumber(redis.call('HGET', ledger, field) or 0) + counters[i + 1]",
        "counters[i + 1]",
        contract.test_a_second_batch_adds_to_the_first,
    ),
    # apply: all or nothing
    Mutant(
        "written before all is read",
        "apply",
        "commands[#commands + 1] = write\n  end\nend\n\nlocal function skip",
        "redis.call(unpack(write))\n  end\nend\n\nlocal function skip",
        on_redis.test_a_script_that_meets_something_foreign_has_written_nothing,
    ),
    Mutant(
        "changes not looked at",
        "apply",
        "redis.call('ZCARD', changes)",
        "",
        on_redis.test_a_script_that_meets_something_foreign_has_written_nothing,
    ),
    Mutant(
        "states not looked at",
        "apply",
        "redis.call('HLEN', key)",
        "",
        on_redis.test_a_script_that_meets_something_foreign_has_written_nothing,
    ),
    Mutant(
        "batches of any size told",
        "apply",
        "#ARGV[6] + #ARGV[7] <= MOST_TOLD",
        "true",
        on_redis.test_a_batch_of_catching_up_is_not_told,
    ),
    Mutant(
        "telling needs a right",
        "apply",
        "redis.pcall('PUBLISH'",
        "redis.call('PUBLISH'",
        on_redis.test_a_worker_and_a_reader_without_rights_to_channels_work_without_them,
    ),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.script}: {mutant.what}")
async def test_a_script_without_one_of_its_guards_breaks_the_contract(redis: Redis, mutant: Mutant) -> None:
    text = source(mutant.script)
    assert text.count(mutant.old) == 1, "the mutant must say which one place it changes"
    bench: Bench = RedisBench(redis, {mutant.script: text.replace(mutant.old, mutant.new)})
    with pytest.raises((AssertionError, Fenced, ResponseError, pytest.fail.Exception)) as caught:
        await mutant.check(bench)
    assert "compiling script" not in str(caught.value), "the mutant is no valid script"


CHECKS = {str(mutant.check): mutant.check for mutant in MUTANTS}


@pytest.mark.parametrize("check", CHECKS.values(), ids=range(len(CHECKS)))
async def test_the_checks_pass_on_the_scripts_as_they_are(redis: Redis, check: Check) -> None:
    await check(RedisBench(redis, {name: source(name) for name in NAMES}))
