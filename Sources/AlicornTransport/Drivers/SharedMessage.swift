// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
import Synchronization

/// A message for many connections: framed once, and transformed once for each form that suits some of them (BRD-04).
///
/// Frames of a form are made by the first connection that needs one, while those on other loops that need it too wait.
package final class SharedMessage: Sendable {
    package let kind: MessageKind
    package let compression: CompressionChoice
    package let payload: any SharedBytes
    let length: Int
    /// As a server sends it to those who do not transform it.
    package let frame: [UInt8]
    private let transformed = Mutex<[(form: UInt32, frame: [UInt8])]>([])
    private let makeOwner: @Sendable ([UInt8]) -> any SharedBytes
    private let owners = Mutex<[UInt32?: any SharedBytes]>([:])

    /// Costs one copy of the payload.
    ///
    /// - Parameter makeOwner: gives frames to an owner whose bytes the engines can keep without copying them.
    package init(
        _ payload: any SharedBytes, as kind: MessageKind, compression: CompressionChoice,
        makeOwner: @escaping @Sendable ([UInt8]) -> any SharedBytes = { OwnedBytes($0) }
    ) {
        self.makeOwner = makeOwner
        self.kind = kind
        self.compression = compression
        self.payload = payload
        length = payload.count
        var frame: [UInt8] = []
        payload.withBytes { payload in
            FrameHeader(opcode: kind.opcode, payloadLength: payload.count).encode(into: &frame, before: payload)
        }
        self.frame = frame
    }

    /// Who keeps a frame for those who are slow to take it: one for all of them.
    ///
    /// - Parameter form: `nil` for ``frame``.
    func owner(of frame: [UInt8], form: UInt32?) -> any SharedBytes {
        owners.withLock { owners in
            if let owner = owners[form] { return owner }
            let owner = makeOwner(frame)
            owners[form] = owner
            return owner
        }
    }

    /// The frame of a form; the first who wants it makes it.
    func frame(_ form: UInt32, _ make: () -> [UInt8]) -> [UInt8] {
        transformed.withLock { frames in
            if let made = frames.first(where: { $0.form == form }) { return made.frame }
            let frame = make()
            frames.append((form, frame))
            return frame
        }
    }
}
