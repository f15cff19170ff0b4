// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ResponseHead {
    /// How long the server wants us to wait by its `Retry-After` (RFC 9110 §10.2.3); `nil` if it says nothing that can be
    /// understood.
    ///
    /// A date is taken relative to the response's own `Date`, so that nobody's clock has to be right.
    package var retryAfter: Duration? {
        guard let text = fields.first("Retry-After") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy(\.isDigit) { return .seconds(Int64(UInt32(text) ?? .max)) }
        guard let moment = HTTPMoment(text.utf8), let now = fields.first("Date").flatMap({ HTTPMoment($0.utf8) }) else {
            return nil
        }
        return .seconds(max(0, moment.seconds - now.seconds))
    }
}
