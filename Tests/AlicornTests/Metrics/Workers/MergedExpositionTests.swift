// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import Alicorn

@Suite("Several expositions in one")
struct MergedExpositionTests {
    private func merge(_ expositions: String...) -> String {
        var merged = MergedExposition()
        for exposition in expositions { merged.add(Array(exposition.utf8)) }
        return String(decoding: merged.bytes, as: UTF8.self)
    }

    @Test("the samples of a metric stand together below one head")
    func together() {
        let first = """
            # HELP a_total Some # of them.
            # TYPE a_total counter
            a_total{worker="0"} 1
            # TYPE b histogram
            b_bucket{worker="0",le="+Inf"} 2
            b_sum{worker="0"} 3

            """
        let second = """
            # TYPE c gauge
            c{worker="1",x="a#b"} 6
            # HELP a_total Some # of them.
            # TYPE a_total counter
            a_total{worker="1"} 4
            # TYPE b histogram
            b_sum{worker="1"} 5

            """
        #expect(
            merge(first, second) == """
                # HELP a_total Some # of them.
                # TYPE a_total counter
                a_total{worker="0"} 1
                a_total{worker="1"} 4
                # TYPE b histogram
                b_bucket{worker="0",le="+Inf"} 2
                b_sum{worker="0"} 3
                b_sum{worker="1"} 5
                # TYPE c gauge
                c{worker="1",x="a#b"} 6

                """)
    }

    @Test("OpenMetrics ends once, with its mark")
    func openMetrics() {
        let text = "# TYPE a counter\na_total{worker=\"0\"} 1\n# EOF\n"
        #expect(
            merge(text, text.replacing("0", with: "1"))
                == "# TYPE a counter\na_total{worker=\"0\"} 1\na_total{worker=\"1\"} 1\n# EOF\n")
    }

    @Test("one alone stays as it is, and none is nothing")
    func alone() {
        #expect(merge("# TYPE a gauge\na 1\n") == "# TYPE a gauge\na 1\n")
        #expect(merge() == "")
    }
}
