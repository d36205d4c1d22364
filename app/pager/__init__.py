"""Pages out of the house: by mail, SMS, chat and pager services, through apprise.

`services` is the closed list of what a page may go out through, `addresses` says which addresses are
acceptable, `wording` what a page says, `sending` sends one, and `guard` keeps a sending thread from where it
may not connect and from waiting for ever. `configured` is what the environment sets.
"""

from app.pager.addresses import Fault, Unfit, fault_in, gateway_fault_in, join
from app.pager.configured import Misconfigured, check, fallback_addresses
from app.pager.sending import Code, Outcome, fault_of, notify
from app.pager.services import CHANNELS, Channel, channel_of
from app.pager.wording import Kind, Notice, alert_link, fallback_notice, list_link, notice, operator_notice

__all__ = [
    "CHANNELS",
    "Channel",
    "Code",
    "Fault",
    "Kind",
    "Misconfigured",
    "Notice",
    "Outcome",
    "Unfit",
    "alert_link",
    "channel_of",
    "check",
    "fallback_addresses",
    "fallback_notice",
    "fault_in",
    "fault_of",
    "gateway_fault_in",
    "join",
    "list_link",
    "notice",
    "notify",
    "operator_notice",
]
