// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn

extension PrometheusMetrics {
    static let openMetrics = "application/openmetrics-text; version=1.0.0"

    func text(accept: String? = nil) -> String { String(decoding: exposition(accept: accept).body, as: UTF8.self) }

    /// The lines that begin so.
    func samples(_ beginning: String, accept: String? = nil) -> [String] {
        text(accept: accept).split { $0 == "\n" }.filter { $0.hasPrefix(beginning) }.map(String.init)
    }

    /// The same with the heads of metrics whose names begin so.
    func lines(of name: String, accept: String? = nil) -> [String] {
        let beginnings = [name] + ["HELP", "TYPE", "UNIT"].map { "# \($0) \(name)" }
        return text(accept: accept).split { $0 == "\n" }.map(String.init).filter {
            beginnings.contains(where: $0.hasPrefix)
        }
    }
}
