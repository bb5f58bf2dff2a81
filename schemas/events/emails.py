"""What mail systems report of a message. Key of the topic: message_id."""

from typing import Literal

from schemas.events.envelope import Envelope
from schemas.events.fields import Data, Flag, Id, Name


class EmailData(Data):
    """A message to one recipient; `machine` marks what a scanner or proxy did."""

    message_id: Id
    recipient: Id
    customer: Id | None = None
    team: Name | None = None
    rep: Name | None = None
    campaign: Name | None = None
    machine: Flag = False


class EmailSent(Envelope):
    """email.sent"""

    type: Literal["email.sent"]
    data: EmailData


class EmailDelivered(Envelope):
    """email.delivered"""

    type: Literal["email.delivered"]
    data: EmailData


class EmailOpened(Envelope):
    """email.opened"""

    type: Literal["email.opened"]
    data: EmailData


class EmailBounced(Envelope):
    """email.bounced"""

    type: Literal["email.bounced"]
    data: EmailData


class EmailUnsubscribed(Envelope):
    """email.unsubscribed"""

    type: Literal["email.unsubscribed"]
    data: EmailData


EVENTS = (EmailSent, EmailDelivered, EmailOpened, EmailBounced, EmailUnsubscribed)
