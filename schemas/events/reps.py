"""What presence systems report of a rep. Key of the topic: rep."""

from typing import Literal

from schemas.events.envelope import Envelope
from schemas.events.fields import Data, Name, RepState, RequiredName, Word


class RepStateChangedData(Data):
    """A rep is in `state` from the event's time on; a repeat of the same state is a change too."""

    rep: RequiredName
    state: RepState
    team: Name | None = None
    reason: Word | None = None


class RepStateChanged(Envelope):
    """rep.state_changed"""

    type: Literal["rep.state_changed"]
    data: RepStateChangedData


EVENTS = (RepStateChanged,)
