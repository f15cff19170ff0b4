// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A host that a server answers for: exactly one (`example.com`, `[::1]`), or all below a domain (`*.example.com`).
///
/// The star stands for one or more labels, so `*.example.com` matches `a.b.example.com` and not `example.com`. Hosts are
/// compared without regard to case; internationalised names are compared in Punycode.
public struct HostPattern: Sendable, Hashable {
    private let host: HostName
    private let matchesSubdomains: Bool

    /// Reads a pattern.
    ///
    /// - Throws: ``InvalidHost``.
    public init(_ text: String) throws(InvalidHost) {
        let bytes = Array(text.utf8)
        matchesSubdomains = bytes.starts(with: "*.".utf8)
        host = try HostName(iri: bytes[(matchesSubdomains ? 2 : 0)...])
        // `HostName` allows every `sub-delim`, but a star elsewhere is a pattern that this is not.
        guard !host.text.utf8.contains(UInt8(ascii: "*")) else { throw .characters(text) }
    }

    func matches(_ candidate: HostName) -> Bool {
        guard matchesSubdomains, !candidate.isIPv6 else { return candidate == host }
        let (name, suffix) = (candidate.text.utf8, ".\(host.text)".utf8)
        return name.count > suffix.count && name.suffix(suffix.count).elementsEqual(suffix)
    }
}
