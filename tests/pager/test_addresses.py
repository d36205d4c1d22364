"""Which addresses a page may go to, and how a gateway and a recipient make one."""

import pytest
from apprise import NotifyBase
from apprise.manager_plugins import NotificationManager

from app.pager import CHANNELS, Channel, Fault, Unfit, channel_of, fault_in, fault_of, gateway_fault_in, join
from app.pager.addresses import fit
from app.pager.services import SERVICES, own_host

HEX = "0123456789abcdef" * 4
ONE_OF_EACH = {
    "mailto": "mailto://mail.inside?from=h@clinic.example&to=clara@clinic.example",
    "mailtos": "mailtos://user:pw@smtp.clinic.example?from=h@clinic.example&to=clara@clinic.example",
    "bulksms": "bulksms://user:password@+15550100000",
    "clickatell": f"clickatell://{HEX[:22]}==/15550100000",
    "clicksend": "clicksend://user:password@+15550100000",
    "msgbird": f"msgbird://{HEX[:25]}/15550100001/15550100000",
    "plivo": f"plivo://MA{HEX[:18]}@{HEX[:40]}/15550100001/15550100000",
    "sinch": f"sinch://{HEX[:32]}:{HEX[:32]}@15550100001/15550100000",
    "sns": f"sns://{HEX[:20]}/{HEX[:40]}/us-east-1/+15550100000",
    "telnyx": "telnyx://KEY0123@15550100001/15550100000",
    "twilio": f"twilio://AC{HEX[:32]}:{HEX[:32]}@+15550100001/+15550100000",
    "vonage": f"vonage://{HEX[:8]}:{HEX[:16]}@15550100001/15550100000",
    "discord": f"discord://4174216298/{HEX}",
    "gchat": "gchat://workspace/key/token",
    "matrix": "matrix://user:pw@chat.inside/%21room:chat.inside",
    "matrixs": "matrixs://user:pw@matrix.clinic.example/%21room:clinic.example",
    "mmost": "mmost://chat.inside/abcdefghijklmnopqrstuvwxyz",
    "mmosts": "mmosts://chat.clinic.example/abcdefghijklmnopqrstuvwxyz",
    "rocket": "rocket://user:pw@chat.inside/%23ward",
    "rockets": "rockets://user:pw@chat.clinic.example/%23ward",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23ward",
    "tgram": "tgram://123456789:abcdefg_hijklmnop/12315544",
    "workflow": f"workflow://prod-01.westus.logic.azure.com:443/{HEX[:32]}/signature",
    "workflows": f"workflows://prod-01.westus.logic.azure.com:443/{HEX[:32]}/signature",
    "wxteams": f"wxteams://{HEX}{HEX[:16]}",
    "zulip": f"zulip://bot@chat.clinic.example/{HEX[:32]}/ward",
    "gotify": "gotify://push.inside/AbCdEfGhIjKlMnO",
    "gotifys": "gotifys://push.clinic.example/AbCdEfGhIjKlMnO",
    "json": "json://hooks.inside/page?+X-Key=abc",
    "jsons": "jsons://user:pw@hooks.clinic.example:8443/page?+X-Key=abc&-source=handrail",
    "ntfy": "ntfy://push.inside/ward",
    "ntfys": "ntfys://push.clinic.example/ward?priority=high",
    "opsgenie": "opsgenie://a62e5c34-3e2c-4d12-a1c5-7fa123456789?region=eu",
    "pagerduty": "pagerduty://integrationkey@apikey1234?severity=critical",
    "pover": f"pover://{HEX[:30]}@{HEX[:30]}?priority=high",
    "splunk": "splunk://route_key@3b3e3e3e-3e2c-4d12-a1c5-7fa123456789/entity",
    "squadcast": f"squadcast://{HEX[:40]}",
}
INSIDE = {"mail.inside", "chat.inside", "push.inside", "hooks.inside"}
LOOSE = [
    "verify=no", "verify=yes", "Verify=no", "%76erify=no", "redirect=yes", "rto=3600", "cto=3600",
    "retry=9", "wait=60", "optional=yes", "store=yes", "tz=UTC", "format=html", "overflow=split",
    "attach=file:///etc/passwd", "template=/etc/passwd", "template=file:///etc/passwd", "image=yes",
    "pgppub=/etc/passwd", "pgp=sign", "wkd=yes", "cc=ben@example.com", "bcc=ben@example.com",
    "action=resolve", "delay=1h", "email=ben@example.com", "method=DELETE", ":title=", "e2ee=no",
    "unheard_of=1", "=",
]  # fmt: skip
GATEWAYS = {
    "mailtos": "mailtos://user:pw@smtp.clinic.example?from=h@clinic.example",
    "bulksms": "bulksms://user:password@",
    "clickatell": f"clickatell://{HEX[:22]}==",
    "clicksend": "clicksend://user:password@",
    "msgbird": f"msgbird://{HEX[:25]}/15550100001",
    "plivo": f"plivo://MA{HEX[:18]}@{HEX[:40]}/15550100001",
    "sinch": f"sinch://{HEX[:32]}:{HEX[:32]}@15550100001",
    "sns": f"sns://{HEX[:20]}/{HEX[:40]}/us-east-1",
    "telnyx": "telnyx://KEY0123@15550100001",
    "twilio": f"twilio://AC{HEX[:32]}:{HEX[:32]}@+15550100001",
    "vonage": f"vonage://{HEX[:8]}:{HEX[:16]}@15550100001",
}


def plugin_class(schema: str) -> type[NotifyBase]:
    found = NotificationManager()[schema]
    assert issubclass(found, NotifyBase)
    return found


@pytest.mark.parametrize("schema", sorted(SERVICES))
def test_each_service_has_an_address_that_is_acceptable(schema: str) -> None:
    assert fault_in(ONE_OF_EACH[schema], INSIDE) is None
    assert fault_in(ONE_OF_EACH[schema].replace(schema, schema.upper(), 1), INSIDE) is None


@pytest.mark.parametrize("schema", sorted(SERVICES))
def test_apprise_knows_every_setting_and_attribute_that_we_name(schema: str) -> None:
    service, known = SERVICES[schema], plugin_class(schema).template_args
    assert service.settings - {"user", "pass", "password", "port"} <= set(known)
    plugin = fit(ONE_OF_EACH[schema], INSIDE)
    assert all(hasattr(plugin, name) for name in (service.host, service.link) if name)


@pytest.mark.parametrize("schema", sorted(SERVICES))
def test_whatever_could_name_a_host_is_looked_at(schema: str) -> None:
    if any("{host}" in template for template in plugin_class(schema).templates):
        assert SERVICES[schema].host


@pytest.mark.parametrize("schema", sorted(SERVICES))
def test_a_setting_that_is_not_on_the_list_is_refused(schema: str) -> None:
    address = ONE_OF_EACH[schema]
    joint = "&" if "?" in address else "?"
    for setting in LOOSE:
        if not (schema == "twilio" and setting.startswith("method=")):  # there it is a message or a call
            assert fault_in(address + joint + setting, INSIDE) is Fault.SETTING_REFUSED, setting


@pytest.mark.parametrize("schema", sorted(SERVICES))
def test_certificates_are_checked_and_redirects_are_not_followed(schema: str) -> None:
    plugin = fit(ONE_OF_EACH[schema], INSIDE)
    assert plugin.verify_certificate
    assert not plugin.redirects
    assert plugin.asset.storage_path is None
    assert plugin.asset.plugin_paths in (None, [])


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("", Fault.MALFORMED),
        ("slack", Fault.MALFORMED),
        ("slack://", Fault.MALFORMED),
        ("slack://a b/c", Fault.MALFORMED),
        ("slack://T1/A1/\n", Fault.MALFORMED),
        ("jsons://h\u00f4st/", Fault.MALFORMED),
        ("jsons://hooks.clinic.example/" + "x" * 2048, Fault.MALFORMED),
        ("jsons://[::1/", Fault.MALFORMED),
        ("mailtos://smtp.clinic.example", Fault.MALFORMED),
        ("json://127.1/", Fault.MALFORMED),
        ("json://0177.0.0.1/", Fault.MALFORMED),
        ("file:///etc/passwd", Fault.UNKNOWN_SERVICE),
        ("syslog://", Fault.UNKNOWN_SERVICE),
        ("dbus://", Fault.UNKNOWN_SERVICE),
        ("rsyslog://hooks.clinic.example", Fault.UNKNOWN_SERVICE),
        ("mqtt://hooks.clinic.example/topic", Fault.UNKNOWN_SERVICE),
        ("apprise://hooks.clinic.example/token", Fault.UNKNOWN_SERVICE),
        ("xml://hooks.clinic.example", Fault.UNKNOWN_SERVICE),
        ("form://hooks.clinic.example", Fault.UNKNOWN_SERVICE),
        ("exec://id", Fault.UNKNOWN_SERVICE),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIde", Fault.UNKNOWN_SERVICE),
        ("http://hooks.clinic.example", Fault.UNKNOWN_SERVICE),
        ("json://hooks.clinic.example/page", Fault.NOT_ENCRYPTED),
        ("ntfy://push.clinic.example/ward", Fault.NOT_ENCRYPTED),
        ("gotify://push.clinic.example/AbCdEfGhIjKlMnO", Fault.NOT_ENCRYPTED),
        ("mmost://chat.clinic.example/abcdefghijklmnopqrstuvwxyz", Fault.NOT_ENCRYPTED),
        ("matrix://user:pw@chat.clinic.example/%21room", Fault.NOT_ENCRYPTED),
        ("rocket://user:pw@chat.clinic.example/%23ward", Fault.NOT_ENCRYPTED),
        ("mailto://smtp.clinic.example?from=h@clinic.example", Fault.NOT_ENCRYPTED),
        ("mailtos://smtp.clinic.example?from=h@clinic.example&mode=insecure", Fault.NOT_ENCRYPTED),
        ("mailtos://chat.inside?smtp=smtp.a.example&from=h@b.example&mode=insecure", Fault.NOT_ENCRYPTED),
        ("tgram://123456789:abcdefg_hijklmnop/1/2", Fault.NOT_ONE_RECIPIENT),
        (f"twilio://AC{HEX[:32]}:{HEX[:32]}@+15550100001/+15550100000/+15550100002", Fault.NOT_ONE_RECIPIENT),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_address_is_said_in_a_word(address: str, fault: Fault) -> None:
    assert fault_in(address, INSIDE) is fault


def test_a_named_host_may_be_spoken_to_in_the_clear() -> None:
    assert fault_in("json://hooks.clinic.example/page", {"hooks.clinic.example"}) is None
    assert fault_in("json://HOOKS.clinic.example/page", {"hooks.clinic.example"}) is None
    assert fault_in("json://[fd00::1]:8080/page", {"fd00::1"}) is None


def test_a_service_in_the_cloud_needs_no_name_of_ours() -> None:
    assert fault_in("ntfy://ward") is None
    assert own_host("ntfy", fit("ntfy://ward", ())) is None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "10.0.0.1", "169.254.169.254",
        "[fd00::1]", "[::ffff:10.0.0.1]",
    ],
)  # fmt: skip
async def test_a_private_host_cannot_be_registered_unless_it_is_named(host: str) -> None:
    assert await fault_of(f"jsons://{host}/page") is Fault.HOST_FORBIDDEN
    assert await fault_of(f"jsons://{host}/page", private_hosts={host.strip("[]")}) is None


@pytest.mark.parametrize(
    "address",
    [
        "mailtos://smtp.clinic.example?smtp=127.0.0.1&from=h@clinic.example&to=c@clinic.example",
        "ntfys://127.0.0.1/ward", "gotifys://127.0.0.1/AbCdEfGhIjKlMnO",
        "mmosts://127.0.0.1/abcdefghijklmnopqrstuvwxyz", "matrixs://user:pw@127.0.0.1/%21room",
        "rockets://user:pw@127.0.0.1/%23ward", f"workflows://127.0.0.1/{HEX[:32]}/signature",
    ],
)  # fmt: skip
async def test_every_service_with_a_host_of_its_own_is_looked_up(address: str) -> None:
    assert await fault_of(address) is Fault.HOST_FORBIDDEN


async def test_a_host_that_is_not_there_is_named_so() -> None:
    assert await fault_of("jsons://nowhere.invalid/page") is Fault.HOST_UNKNOWN
    assert await fault_of(f"zulip://bot@chat.nowhere.invalid/{HEX[:32]}/ward") is Fault.HOST_UNKNOWN


def test_every_channel_has_services_and_every_service_its_channel() -> None:
    assert set(CHANNELS) == set(Channel)
    assert sum(len(schemas) for schemas in CHANNELS.values()) == len(SERVICES) >= 30
    assert channel_of("MAILTOS://x") is Channel.EMAIL
    assert channel_of("twilio://x") is Channel.SMS
    assert channel_of("slack://x") is Channel.CHAT
    assert channel_of("pagerduty://x") is Channel.PAGER
    assert channel_of("file:///etc/passwd") is channel_of("") is None


@pytest.mark.parametrize("schema", sorted(CHANNELS[Channel.SMS]))
def test_every_sms_gateway_takes_one_number(schema: str) -> None:
    address = join(GATEWAYS[schema], "+15550100000")
    assert fault_in(address) is gateway_fault_in(GATEWAYS[schema]) is None
    plugin = fit(address, ())
    assert "5550100000" in str(getattr(plugin, "targets", None) or getattr(plugin, "phone", None))


@pytest.mark.parametrize("to", ["clara@clinic.example", "c.o-l+tag%x_1@a.b-c.example"])
def test_a_mail_gateway_takes_one_address(to: str) -> None:
    address = join(GATEWAYS["mailtos"], to)
    assert fault_in(address) is gateway_fault_in(GATEWAYS["mailtos"]) is None
    assert fit(address, ()).targets == [(False, to)]  # type: ignore[attr-defined]  # of apprise's mail plugin


@pytest.mark.parametrize(
    ("schema", "to", "fault"),
    [
        ("mailtos", "", Fault.MALFORMED),
        ("mailtos", "clara", Fault.MALFORMED),
        ("mailtos", "clara@localhost", Fault.MALFORMED),
        ("mailtos", "a@b.example,ben@example.com", Fault.MALFORMED),
        ("mailtos", "a@b.example ben@example.com", Fault.MALFORMED),
        ("mailtos", "a@b.example&bcc=ben@example.com", Fault.MALFORMED),
        ("mailtos", "a@b.example\r\nBcc: ben@example.com", Fault.MALFORMED),
        ("mailtos", "a@b.example\n", Fault.MALFORMED),
        ("mailtos", "+15550100000", Fault.MALFORMED),
        ("twilio", "15550100000", Fault.MALFORMED),
        ("twilio", "+0555010000", Fault.MALFORMED),
        ("twilio", "+1 555 010 0000", Fault.MALFORMED),
        ("twilio", "+15550100000,+15550100002", Fault.MALFORMED),
        ("twilio", "+\u0661\u0665\u0665\u0665\u0660\u0661\u0660\u0660", Fault.MALFORMED),
        ("twilio", "clara@clinic.example", Fault.MALFORMED),
    ],
)  # fmt: skip
def test_a_recipient_that_is_none_is_refused(schema: str, to: str, fault: Fault) -> None:
    with pytest.raises(Unfit) as caught:
        join(GATEWAYS[schema], to)
    assert caught.value.fault is fault
    assert not to or to not in str(caught.value)


@pytest.mark.parametrize(
    ("gateway", "fault"),
    [
        (GATEWAYS["twilio"] + "/+15550100002", Fault.NOT_ONE_RECIPIENT),
        (GATEWAYS["mailtos"] + "&to=ben@example.com", Fault.NOT_ONE_RECIPIENT),
        (GATEWAYS["mailtos"] + "&bcc=ben@example.com", Fault.SETTING_REFUSED),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", Fault.UNKNOWN_SERVICE),
        ("twilio://", Fault.MALFORMED),
        ("mailto://smtp.clinic.example?from=h@clinic.example", Fault.NOT_ENCRYPTED),
    ],
)
def test_what_is_wrong_with_a_gateway_is_said(gateway: str, fault: Fault) -> None:
    assert gateway_fault_in(gateway) is fault
