// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("The format that a client asks for")
struct ExpositionFormatTests {
    private static let text = "text/plain; version=0.0.4; charset=utf-8"
    private static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    private static let prometheus2 = """
        application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
        text/plain;version=0.0.4;q=0.5,*/*;q=0.1
        """
    private static let prometheus3 = """
        application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,\
        application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
        application/openmetrics-text;version=0.0.1;q=0.4,\
        text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1
        """
    private static let cases: [(accept: String?, contentType: String)] = [
        (nil, text), ("", text), ("*/*", text), ("text/html, */*;q=0.1", text), (",;,;;q=,", text),
        ("application/openmetrics-text", openMetrics),
        ("application/openmetrics-text; version=1.0.0", openMetrics),
        ("APPLICATION/OpenMetrics-Text;VERSION=\"1.0.0\"", openMetrics),
        ("application/openmetrics-text; version=0.0.1", text),
        ("application/openmetrics-text; version=2.0.0", text),
        ("application/openmetrics-text;q=0", text), ("application/openmetrics-text;q=nan", text),
        ("application/openmetrics-text;q=x, text/plain;q=0.1", text),
        ("application/openmetrics-text;q=0.5, text/plain", text),
        ("application/openmetrics-text;q=0.5, */*;q=0.6", text),
        ("text/plain, application/openmetrics-text", openMetrics),
        (prometheus2, openMetrics), (prometheus3, openMetrics),
    ]

    @Test("OpenMetrics is for those who ask for it", arguments: cases)
    func negotiation(accept: String?, contentType: String) {
        let (type, body) = PrometheusMetrics().exposition(accept: accept)
        #expect(type == contentType)
        #expect(body.suffix(6).elementsEqual("# EOF\n".utf8) == (contentType == Self.openMetrics))
    }
}
