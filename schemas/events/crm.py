"""What the CRM reports of leads, meetings and deals. Key of the topic: lead_id, deal_id or meeting_id."""

from typing import Literal

from schemas.events.envelope import Envelope
from schemas.events.fields import AmountMinor, Currency, Data, DealOutcome, Id, Name, Word


class LeadData(Data):
    """A lead."""

    lead_id: Id
    team: Name | None = None
    rep: Name | None = None
    campaign: Name | None = None
    customer: Id | None = None


class MeetingData(Data):
    """A meeting, perhaps of a lead."""

    meeting_id: Id
    lead_id: Id | None = None
    team: Name | None = None
    rep: Name | None = None
    campaign: Name | None = None
    customer: Id | None = None


class DealStageChangedData(Data):
    """A deal entered `stage`; `amount_minor` counts the currency's smallest unit."""

    deal_id: Id
    stage: Word
    outcome: DealOutcome
    amount_minor: AmountMinor | None = None
    currency: Currency | None = None
    team: Name | None = None
    rep: Name | None = None
    campaign: Name | None = None
    customer: Id | None = None


class LeadCreated(Envelope):
    """lead.created"""

    type: Literal["lead.created"]
    data: LeadData


class LeadConverted(Envelope):
    """lead.converted"""

    type: Literal["lead.converted"]
    data: LeadData


class MeetingBooked(Envelope):
    """meeting.booked"""

    type: Literal["meeting.booked"]
    data: MeetingData


class MeetingHeld(Envelope):
    """meeting.held"""

    type: Literal["meeting.held"]
    data: MeetingData


class DealStageChanged(Envelope):
    """deal.stage_changed"""

    type: Literal["deal.stage_changed"]
    data: DealStageChangedData


EVENTS = (LeadCreated, LeadConverted, MeetingBooked, MeetingHeld, DealStageChanged)
