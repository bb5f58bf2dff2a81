"""The worker's side of the store, on Redis."""

from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from streams.store.keeping import SILENT_DAYS
from streams.store.keys import CALLS, ENDED, LEDGER, REPS, SEEN, Keys
from streams.store.packing import pack
from streams.store.protocol import HOUR_MS, Claim, Delta, Fenced, Memory, Outcome, Partition
from streams.store.redis_client import unavailable
from streams.store.scripts import Scripts

SAFE_POLICY = "noeviction"
OUTCOMES = {0: Outcome.FENCED, 1: Outcome.APPLIED, 2: Outcome.ALREADY}


class RedisWriter:
    """Keeps the promises of `Writer` with one Lua script a step."""

    def __init__(
        self,
        client: Redis,
        group: str,
        *,
        lease_ms: int = 10_000,
        horizon_hours: Callable[[str], int] = lambda _: 24,
        scripts: Scripts | None = None,
    ) -> None:
        self._client = client
        self._keys = Keys(group)
        self._scripts = scripts or Scripts(client)
        self._lease_ms = lease_ms
        self._horizon_hours = horizon_hours

    async def claim(self, partition: Partition, owner: str, generation: int) -> Claim:
        with unavailable():
            answer = await self._scripts.run(
                "claim", self._keys.partition(partition), owner, generation, self._lease_ms
            )
        if not answer:
            raise Fenced(f"a newer owner of {partition} is alive")
        epoch, next_offset, arrival = answer
        return Claim(epoch, owner, generation, None if next_offset is None else int(next_offset), int(arrival))

    async def pin(
        self, partition: Partition, claim: Claim, next_offset: int, gap: int = 0, end: int | None = None
    ) -> None:
        key = self._keys.partition(partition)
        fixed = (claim.epoch, claim.owner, next_offset, gap, next_offset if end is None else end)
        with unavailable():
            done = await self._scripts.run("pin", key, *fixed)
        if not done:
            raise Fenced(f"the claim of {partition} is void")

    async def load(self, partition: Partition, hours: int) -> Memory:
        prefix = self._keys.partition(partition)
        with unavailable():
            arrival = int(await self._client.hget(prefix + LEDGER, "arrival") or 0)
            last = arrival // HOUR_MS
            span = list(range(last - hours, last + 1)) if arrival else []
            pipeline = self._client.pipeline(transaction=False)
            for hour in span:
                pipeline.lrange(f"{prefix}{SEEN}{hour}", 0, -1)
                pipeline.lrange(f"{prefix}{ENDED}{hour}", 0, -1)
            pipeline.hgetall(prefix + CALLS)
            pipeline.hgetall(prefix + REPS)
            *pieces, calls, reps = await pipeline.execute()
        return Memory(
            seen={hour: b"".join(ids) for hour, ids in zip(span, pieces[::2], strict=True) if ids},
            ended={hour: b"".join(ids) for hour, ids in zip(span, pieces[1::2], strict=True) if ids},
            calls={name.decode(): state for name, state in calls.items()},
            reps={name.decode(): changes for name, changes in reps.items()},
        )

    async def apply(self, work: Sequence[tuple[Partition, Claim, Delta]]) -> list[Outcome]:
        calls = []
        for partition, claim, delta in work:
            described, content = pack(delta, self._horizon_hours(partition.topic))
            fixed = (claim.epoch, claim.owner, delta.start, delta.end, self._lease_ms)
            calls.append((self._keys.partition(partition), (*fixed, described, content)))
        with unavailable():
            answers = await self._scripts.run_all("apply", calls)
        return [OUTCOMES[answer] for answer in answers]

    async def verify(self, held: Sequence[tuple[Partition, Claim, int]]) -> list[bool]:
        calls = [
            (self._keys.partition(partition), (claim.epoch, claim.owner, next_offset, self._lease_ms))
            for partition, claim, next_offset in held
        ]
        with unavailable():
            if not calls:
                await self._client.ping()
            return [bool(answer) for answer in await self._scripts.run_all("verify", calls)]

    async def release(self, partition: Partition, claim: Claim) -> None:
        with unavailable():
            await self._scripts.run("release", self._keys.partition(partition), claim.epoch, claim.owner)

    async def admit(self, scope: str, names: Sequence[str], day: int, limit: int) -> set[str]:
        with unavailable():
            answers = await self._scripts.run("admit", self._keys.names(scope), day, limit, SILENT_DAYS, *names)
        return {name for name, admitted in zip(names, answers, strict=True) if admitted}

    async def unsafe_policy(self) -> str | None:
        with unavailable():
            memory = await self._client.info("memory")  # hosted servers forbid CONFIG, and tell it here all the same
        policy = str(memory.get("maxmemory_policy", SAFE_POLICY))
        return None if policy == SAFE_POLICY else policy
