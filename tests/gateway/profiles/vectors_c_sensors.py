"""What sensors and relays put on the wire, laid out by hand after their register lists."""

from __future__ import annotations

from typing import Final

from tests.gateway.profiles.vectors import GONE, RANGE, UNKNOWN, Answer, Order

ANSWERS_CLIMATE: Final = (
    Answer(profile="renke_rs_ws_n01", request="03 0000 0002", answer="03 04 0222 0131",
           means={"humidity": 54.6, "temperature": 30.5}),
    Answer(profile="renke_rs_ws_n01", request="03 0000 0002", answer="03 04 0000 FF9B",
           means={"humidity": 0.0, "temperature": -10.1}),
    Answer(profile="renke_rs_ws_n01", request="03 0000 0002", answer="03 04 FFFF 8000",
           means={"humidity": GONE, "temperature": GONE}),
    Answer(profile="renke_rs_ws_n01", request="03 0000 0002", answer="03 04 03E9 0000",
           means={"humidity": RANGE, "temperature": 0.0}),
    Answer(profile="renke_rs_ws_n01_tr", request="03 0000 0002", answer="03 04 0131 0222",
           means={"temperature": 30.5, "humidity": 54.6}),
    Answer(profile="renke_rs_ws_n01_tr", request="03 0000 0002", answer="03 04 FF9B 0000",
           means={"temperature": -10.1, "humidity": 0.0}),
    Answer(profile="renke_rs_ws_n01_tr", request="03 0000 0002", answer="03 04 7FFF 7FFF",
           means={"temperature": GONE, "humidity": GONE}),
    Answer(profile="xy_md02_hundredths", request="04 0001 0002", answer="04 04 0BEC 1559",
           means={"temperature": 30.52, "humidity": 54.65}),
    Answer(profile="xy_md02_hundredths", request="04 0001 0002", answer="04 04 FC0D 0000",
           means={"temperature": -10.11, "humidity": 0.0}),
    Answer(profile="xy_md02_hundredths", request="04 0001 0002", answer="04 04 8000 7FFF",
           means={"temperature": GONE, "humidity": GONE}),
    Answer(profile="shuoguang_th_co2", request="04 0001 0003", answer="04 06 0360 00DA 017F", said="maker's example",
           means={"carbon_dioxide": 864.0, "temperature": 21.8, "humidity": 38.3}),
    Answer(profile="shuoguang_th_co2", request="04 0001 0003", answer="04 06 0000 FFF6 0000",
           means={"carbon_dioxide": 0.0, "temperature": -1.0, "humidity": 0.0}),
    Answer(profile="shuoguang_th_co2", request="04 0001 0003", answer="04 06 7FFF 7FFF 7FFF",
           means={"carbon_dioxide": GONE, "temperature": GONE, "humidity": GONE}),
    Answer(profile="wirenboard_wb_msw_v3", request="04 0000 0002", answer="04 04 00F5 01C2",
           means={"temperature": 24.5, "humidity": 45.0}),
    Answer(profile="wirenboard_wb_msw_v3", request="04 0000 0002", answer="04 04 FFCE 0000",
           means={"temperature": -5.0, "humidity": 0.0}),
    Answer(profile="wirenboard_wb_msw_v3", request="04 0000 0002", answer="04 04 7FFF FFFF",
           means={"temperature": GONE, "humidity": GONE}),
    Answer(profile="wirenboard_wb_msw_v3", request="04 0008 0003", answer="04 06 0271 0000 88B8",
           means={"carbon_dioxide": 625.0, "illuminance": 350.0}),
    Answer(profile="wirenboard_wb_msw_v3", request="04 0008 0003", answer="04 06 FFFF FFFF FFFF",
           means={"carbon_dioxide": GONE, "illuminance": GONE}),
    Answer(profile="eletechsup_r4dcb08", slot=0, request="03 0000 0008",
           answer="03 10 00F5 FFCE 0000 8000 8000 8000 8000 8000", means={"temperature": 24.5}),
    Answer(profile="eletechsup_r4dcb08", slot=1, request="03 0000 0008",
           answer="03 10 00F5 FFCE 0000 8000 8000 8000 8000 8000", means={"temperature": -5.0}),
    Answer(profile="eletechsup_r4dcb08", slot=2, request="03 0000 0008",
           answer="03 10 00F5 FFCE 0000 8000 8000 8000 8000 8000", means={"temperature": 0.0}),
    Answer(profile="eletechsup_r4dcb08", slot=7, request="03 0000 0008",
           answer="03 10 00F5 FFCE 0000 8000 8000 8000 8000 8000", means={"temperature": GONE}),
)  # fmt: skip

ANSWERS_LIGHT: Final = (
    Answer(profile="nhzd210_illuminance", request="04 0000 0002", answer="04 04 0000 0128", said="maker's example",
           means={"illuminance": 296.0}),
    Answer(profile="nhzd210_illuminance", request="04 0000 0002", answer="04 04 0000 0000",
           means={"illuminance": 0.0}),
    Answer(profile="nhzd210_illuminance", request="04 0000 0002", answer="04 04 FFFF FFFF",
           means={"illuminance": GONE}),
    Answer(profile="illuminance_holding_7", request="03 0007 0002", answer="03 04 0002 06F6", said="maker's example",
           means={"illuminance": 132854.0}),
    Answer(profile="illuminance_holding_7", request="03 0007 0002", answer="03 04 0000 0000",
           means={"illuminance": 0.0}),
    Answer(profile="illuminance_holding_7", request="03 0007 0002", answer="03 04 0003 0D41",
           means={"illuminance": RANGE}),
)  # fmt: skip

FSXCS: Final = ("renke_rs_fsxcs", "renke_rs_fsxcs_light")
ANSWERS_WEATHER: Final = (
    *(
        Answer(
            profile=profile, request="03 01F4 000A",
            answer="03 14 0159 0002 0003 0087 01C2 00F5 015E 0000 0000 03F5",
            means={"wind_speed": 3.45, "humidity": 45.0, "temperature": 24.5, "pressure": 0.1013},
        )
        for profile in FSXCS
    ),
    *(
        Answer(
            profile=profile, request="03 01F4 000A",
            answer="03 14 0000 0000 0000 0000 03E9 FFCE 0000 0000 0000 0000",
            means={"wind_speed": 0.0, "humidity": RANGE, "temperature": -5.0, "pressure": RANGE},
        )
        for profile in FSXCS
    ),
    Answer(profile="renke_rs_fsxcs_light", request="03 01FE 0002", answer="03 04 0001 86A0",
           means={"illuminance": 100000.0}),
    Answer(
        profile="ecowitt_wn90lp", request="03 0165 0009", said="maker's example",
        answer="03 12 06E7 000D 0296 003C 0000 0000 0096 0000 271A",
        means={"illuminance": 17670.0, "temperature": 26.2, "humidity": 60.0, "wind_speed": 0.0, "wind_gust": 0.0,
               "pressure": 0.1001},
    ),
    Answer(
        profile="ecowitt_wn90lp", request="03 0165 0009",
        answer="03 12 0000 0000 012C 0064 0023 0037 0167 0000 2794",
        means={"illuminance": 0.0, "temperature": -10.0, "humidity": 100.0, "wind_speed": 3.5, "wind_gust": 5.5,
               "pressure": 0.10132},
    ),
    Answer(
        profile="ecowitt_wn90lp", request="03 0165 0009",
        answer="03 12 FFFF FFFF FFFF FFFF FFFF FFFF FFFF FFFF FFFF",
        means={"illuminance": GONE, "temperature": GONE, "humidity": GONE, "wind_speed": GONE, "wind_gust": GONE,
               "pressure": GONE},
    ),
    Answer(profile="ecowitt_wn90lp", request="03 0167 0001", answer="03 02 0190", means={"temperature": 0.0}),
)  # fmt: skip

ANSWERS_CONTACTS: Final = (
    Answer(profile="waveshare_io_8ch", slot=2, request="01 0000 0008", answer="01 01 04", means={"on": "on"}),
    Answer(profile="waveshare_io_8ch", slot=3, request="01 0000 0008", answer="01 01 04", means={"on": "off"}),
    Answer(profile="waveshare_io_8ch", slot=0, request="02 0000 0008", answer="02 01 81", means={"feedback": "on"}),
    Answer(profile="waveshare_io_8ch", slot=6, request="02 0000 0008", answer="02 01 81", means={"feedback": "off"}),
    Answer(profile="waveshare_io_8ch_contacts", slot=0, request="02 0000 0008", answer="02 01 FE",
           means={"open": "open"}),
    Answer(profile="waveshare_io_8ch_contacts", slot=7, request="02 0000 0008", answer="02 01 FE",
           means={"open": "closed"}),
    Answer(profile="waveshare_io_8ch_leak", slot=0, request="02 0000 0008", answer="02 01 FE", means={"leak": "leak"}),
    Answer(profile="waveshare_io_8ch_leak", slot=7, request="02 0000 0008", answer="02 01 FE", means={"leak": "dry"}),
    Answer(profile="waveshare_io_8ch_presence", slot=0, request="02 0000 0008", answer="02 01 FE",
           means={"present": "present"}),
    Answer(profile="waveshare_io_8ch_presence", slot=7, request="02 0000 0008", answer="02 01 FE",
           means={"present": "absent"}),
    Answer(profile="eletechsup_r421a08", slot=0, request="03 0001 0008", said="maker's example",
           answer="03 10 0001 0001 0001 0001 0001 0001 0001 0000", means={"on": "on"}),
    Answer(profile="eletechsup_r421a08", slot=7, request="03 0001 0008", said="maker's example",
           answer="03 10 0001 0001 0001 0001 0001 0001 0001 0000", means={"on": "off"}),
    Answer(profile="eletechsup_r421a08", slot=0, request="03 0001 0001", answer="03 02 0100", means={"on": UNKNOWN}),
    Answer(profile="eletechsup_n4d8b08", slot=1, request="03 0001 0002", answer="03 04 0000 0001", means={"on": "on"}),
    Answer(profile="eletechsup_n4d8b08", slot=0, request="03 0001 0002", answer="03 04 0000 0001",
           means={"on": "off"}),
    Answer(profile="eletechsup_n4d8b08", slot=1, request="03 0081 0002", answer="03 04 0000 0001",
           means={"feedback": "on"}),
    Answer(profile="eletechsup_n4d8b08", slot=0, request="03 0081 0002", answer="03 04 0002 0001",
           means={"feedback": UNKNOWN}),
)  # fmt: skip

ORDERS_RELAYS: Final = (
    Order(profile="waveshare_io_8ch", slot=0, point="on", value="on", request="05 0000 FF00"),
    Order(profile="waveshare_io_8ch", slot=5, point="on", value="off", request="05 0005 0000"),
    Order(profile="eletechsup_r421a08", slot=0, point="on", value="on", request="06 0001 0100",
          said="maker's example"),
    Order(profile="eletechsup_r421a08", slot=7, point="on", value="off", request="06 0008 0200",
          said="maker's example"),
    Order(profile="eletechsup_n4d8b08", slot=0, point="on", value="on", request="06 0001 0100"),
    Order(profile="eletechsup_n4d8b08", slot=7, point="on", value="off", request="06 0008 0200"),
)  # fmt: skip
