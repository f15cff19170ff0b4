// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornNIO
import AlicornTransport
import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Has new connections see the certificate that is in the files by now: when the files change, and on SIGHUP (P-34).
enum TLSReload {
    /// How often files are looked at.
    private static let interval = Duration.seconds(5)

    /// - Returns: `nil` where there is nothing to read again, or that is not wanted.
    static func start(_ server: Server, _ settings: ServerSettings.TLS, _ log: ConsoleLog) -> Task<Void, Never>? {
        guard let tls = server.tls, settings.reloads else { return nil }
        let files = [settings.certificateFile, settings.keyFile].compactMap { $0 }
        let watch: SignalWatch
        do throws(SystemFailure) { watch = try SignalWatch(.hangUp) } catch {
            log.write(.error, "Certificates are not read again: signals cannot be watched for (\(error)).")
            return nil
        }
        return Task {
            await firstOf(
                {
                    for await _ in watch.signals { reload(tls, log) }
                },
                {
                    var last = dates(of: files)
                    while (try? await Task.sleep(for: interval)) != nil {
                        let now = dates(of: files)
                        if now != last { reload(tls, log) }
                        last = now
                    }
                })
        }
    }

    private static func dates(of files: [String]) -> [Date?] {
        files.map { (try? FileManager.default.attributesOfItem(atPath: $0))?[.modificationDate] as? Date }
    }

    private static func reload(_ tls: ServerTLS, _ log: ConsoleLog) {
        do throws(TLSMisconfiguration) {
            try tls.reload()
            log.write(.info, "The certificate was read again; new connections see it.")
        } catch {
            log.write(.error, "The certificate cannot be read again, so the one before stays: \(error).")
        }
    }
}
