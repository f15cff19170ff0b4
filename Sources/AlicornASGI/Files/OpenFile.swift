// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A regular file that is open for reading, and what was known of it when it was opened.
///
/// All of its methods block for as long as the disk takes: never call them on an event loop. Reading is bounded by the
/// ``size`` of that moment, so that what another process appends meanwhile is not sent, and what it cuts off is noticed.
package final class OpenFile: Sendable {
    /// The descriptor; closed with the object where this has opened it.
    package let descriptor: Int32
    private let isOwned: Bool
    /// What errors call it.
    private let name: String
    /// Bytes that it had.
    package let size: Int
    /// When it was changed last: seconds since the beginning of 1970, and nanoseconds.
    package let modified: (seconds: Int64, nanoseconds: Int64)
    /// Which file of its volume it is.
    package let inode: UInt64

    /// Opens a file. FIFOs, devices and folders are not opened: to open one may wait, or do something.
    ///
    /// - Parameters:
    ///   - path: absolute, as the folder that a server is started in is nobody's business.
    ///   - followsLink: whether the last part of the path may be a symbolic link.
    package static func open(_ path: String, followsLink: Bool = true) throws(UnreadableFile) -> OpenFile {
        guard path.hasPrefix("/") else { throw UnreadableFile(path, .relative) }
        // What stands behind a NUL would not be looked at.
        guard !path.utf8.contains(0) else { throw UnreadableFile(path, .missing) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw UnreadableFile(path, errno) }
        guard status.isRegular else { throw UnreadableFile(path, .notRegular) }
        // It may be another since: not to wait for the other end of a FIFO, and looked at again.
        let descriptor = openReading(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw UnreadableFile(path, errno) }
        do throws(UnreadableFile) { return try OpenFile(descriptor, isOwned: true, name: path) } catch {
            close(descriptor)
            throw error
        }
    }

    /// Looks at a file that somebody else has opened, and closes.
    package convenience init(descriptor: Int32) throws(UnreadableFile) {
        try self.init(descriptor, isOwned: false, name: "descriptor \(descriptor)")
    }

    private init(_ descriptor: Int32, isOwned: Bool, name: String) throws(UnreadableFile) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw UnreadableFile(name, errno) }
        guard status.isRegular else { throw UnreadableFile(name, .notRegular) }
        self.descriptor = descriptor
        self.isOwned = isOwned
        self.name = name
        size = Int(status.st_size)
        modified = status.modified
        inode = UInt64(status.st_ino)
    }

    deinit { if isOwned { close(descriptor) } }

    /// Where the descriptor's next reading would begin.
    package var position: Int {
        get throws(UnreadableFile) {
            let position = lseek(descriptor, 0, SEEK_CUR)
            guard position >= 0 else { throw UnreadableFile(name, errno) }
            return Int(position)
        }
    }

    /// Moves the descriptor there, as reading does.
    package func seek(to position: Int) throws(UnreadableFile) {
        guard lseek(descriptor, off_t(position), SEEK_SET) >= 0 else { throw UnreadableFile(name, errno) }
    }

    /// Reads as much as there is room for, without moving the descriptor.
    ///
    /// - Throws: ``UnreadableFile`` when the file ends before that: it was cut off since it was opened.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(UnreadableFile) {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let result = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + count))
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw UnreadableFile(name, errno) }
            guard result > 0 else { throw UnreadableFile(name, .tooShort) }
            count += result
        }
    }
}

/// `open`, whose C declaration takes any number of arguments and is named as the function of ours.
private func openReading(_ path: String, _ flags: Int32) -> Int32 { open(path, flags) }

extension stat {
    fileprivate var isRegular: Bool { st_mode & S_IFMT == S_IFREG }

    fileprivate var modified: (seconds: Int64, nanoseconds: Int64) {
        #if canImport(Darwin)
        (Int64(st_mtimespec.tv_sec), Int64(st_mtimespec.tv_nsec))
        #else
        (Int64(st_mtim.tv_sec), Int64(st_mtim.tv_nsec))
        #endif
    }
}
