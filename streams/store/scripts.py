"""The Lua scripts, loaded when a server does not know them (yet, or any more)."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

NAMES = ("claim", "pin", "apply", "verify", "release", "admit")


def source(name: str) -> str:
    """Return the text of a script."""
    return files("streams.store").joinpath("lua", f"{name}.lua").read_text("utf-8")


class Scripts:
    """Runs scripts by their digest."""

    def __init__(self, client: Redis, texts: dict[str, str] | None = None) -> None:
        self._client = client
        self._texts = texts or {name: source(name) for name in NAMES}
        self._digests = {name: hashlib.sha1(text.encode()).hexdigest() for name, text in self._texts.items()}  # noqa: S324  # Redis names scripts so

    async def run(self, name: str, key: str, *arguments: Any) -> Any:
        """Run one script."""
        (answer,) = await self.run_all(name, [(key, arguments)])
        return answer

    async def run_all(self, name: str, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Run one script for several keys in one round trip; the first error is raised after all have run."""
        answers = await self._pipeline(name, calls)
        unknown = [place for place, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            await self._client.script_load(self._texts[name])
            again = await self._pipeline(name, [calls[place] for place in unknown])
            for place, answer in zip(unknown, again, strict=True):
                answers[place] = answer
        for answer in answers:
            if isinstance(answer, RedisError):
                raise answer
        return answers

    async def _pipeline(self, name: str, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        digest = self._digests[name]
        for key, arguments in calls:
            pipeline.execute_command("EVALSHA", digest, 1, key, *arguments)
        return await pipeline.execute(raise_on_error=False)
