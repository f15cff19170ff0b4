// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ResponseHead {
    /// Checks that an application has changed nothing that belongs to the handshake itself.
    ///
    /// - Parameter original: the response as the handshake made it.
    /// - Throws: ``HandshakeMisuse/changedResponse`` when it has.
    package func checkHandshake(asIn original: ResponseHead) throws(HandshakeMisuse) {
        guard status == original.status, version == original.version,
            fields.ofHandshake.elementsEqual(original.fields.ofHandshake)
        else { throw .changedResponse }
    }
}

extension HeaderFields {
    /// The fields that are the handshake's own.
    fileprivate var ofHandshake: [HeaderField] {
        (0..<count).map { self[$0] }.filter { field in
            do throws(HandshakeMisuse) {
                try HandshakeHeaders.checkIsFree(field.name)
                return false
            } catch { return true }
        }
    }
}
