// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornWebSocket
import Foundation
package import Testing

/// A certificate authority that lives as long as the tests, made with OpenSSL's command.
package struct TestAuthority: Sendable {
    /// Two that know nothing of each other.
    package static let shared = Result { try (first: TestAuthority("first"), second: TestAuthority("second")) }

    /// Why the tests with TLS are skipped; `nil` when they are not.
    package static var absence: Comment? {
        if case .failure(let error) = shared {
            return "There is no openssl that makes certificates, so the tests with TLS are skipped: \(error)"
        }
        return nil
    }

    package static func first() throws -> Self { try shared.get().first }
    package static func second() throws -> Self { try shared.get().second }

    private let folder: URL
    private let name: String

    private init(_ name: String) throws {
        self.name = name
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-keyout", path("ca.key"), "-out", path("ca.pem"), "-subj", "/CN=Alicorn's \(name) authority",
            "-addext", "basicConstraints=critical,CA:TRUE")
    }

    /// What trusts this authority.
    package var roots: [TLSTrustRoots] { [.pemFile(path("ca.pem"))] }
    package var rootFile: String { path("ca.pem") }

    /// The files of a certificate and its key.
    package struct Files: Sendable {
        package let certificate: String
        package let key: String

        package var identity: TLSIdentity { .pemFiles(certificateChain: certificate, privateKey: key) }

        /// Puts these in the place of others.
        package func replace(_ others: Files) throws {
            for (from, to) in [(certificate, others.certificate), (key, others.key)] {
                try Data(contentsOf: URL(fileURLWithPath: from)).write(to: URL(fileURLWithPath: to))
            }
        }
    }

    /// Issues a certificate.
    ///
    /// - Parameters:
    ///   - names: the alternative names, as OpenSSL writes them.
    ///   - days: how long it is valid from now; a negative number for one that has expired.
    ///   - passphrase: encrypts the key.
    ///   - subject: the name, as OpenSSL reads it.
    package func issue(
        _ names: String, days: Int = 1, passphrase: String? = nil, subject: String = "/CN=test"
    ) throws -> Files {
        let serial = UUID().uuidString
        let files = Files(certificate: path("\(serial).pem"), key: path("\(serial).key"))
        let protection = passphrase.map { ["-passout", "pass:\($0)"] } ?? ["-nodes"]
        try openssl(
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", subject]
                + ["-keyout", files.key, "-out", path("\(serial).csr"), "-addext", "subjectAltName=\(names)"]
                + protection)
        try openssl(
            "x509", "-req", "-in", path("\(serial).csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
            "-set_serial", "0x" + serial.replacingOccurrences(of: "-", with: "").prefix(16), "-days", "\(days)",
            "-copy_extensions", "copy", "-out", files.certificate)
        return files
    }

    private func path(_ file: String) -> String { folder.appendingPathComponent(file).path }

    private func openssl(_ arguments: String...) throws { try openssl(arguments) }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLFailure(text: text) }
    }

    private struct OpenSSLFailure: Error { let text: String }
}
