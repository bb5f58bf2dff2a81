"""What mail systems report of a link. Key of the topic: message_id."""

from typing import Literal

from schemas.events.envelope import Envelope
from schemas.events.fields import Data, Flag, Id, Name, Url


class LinkClickedData(Data):
    """A recipient, or a scanner (`machine`), followed a link of a message."""

    message_id: Id
    recipient: Id
    url: Url | None = None
    customer: Id | None = None
    team: Name | None = None
    rep: Name | None = None
    campaign: Name | None = None
    machine: Flag = False


class LinkClicked(Envelope):
    """link.clicked"""

    type: Literal["link.clicked"]
    data: LinkClickedData


EVENTS = (LinkClicked,)
