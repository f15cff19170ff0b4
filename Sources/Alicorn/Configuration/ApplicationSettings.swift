// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ServerSettings {
    /// What is served.
    public struct Application: Sendable, Hashable {
        /// Where the application is found, as `module:attribute`; `nil` for one that is given in Swift (U-C-01).
        public var path: String?
        /// Whether the application is told of the start and the end of the server (U-C-26).
        public var lifespan = Lifespan.auto
        /// Whose numbers and log lines the server uses, where uvicorn's are not ours (P-13, P-27).
        public var compatibility = Compatibility.none

        /// ``path``.
        ///
        /// - Throws: ``InvalidSettings`` when there is none (U-C-05).
        public var requiredPath: String {
            get throws(InvalidSettings) {
                guard let path else {
                    throw InvalidSettings([
                        "there is no application: name one, as module:attribute, on the command line, in the variable "
                            + "ALICORN_APP, or as app in the configuration file"
                    ])
                }
                return path
            }
        }

        mutating func read(_ options: inout OptionReader) {
            options.read("app", .text, into: &path)
            options.read("lifespan", .choice, into: &lifespan)
            options.read("compat", .choice, into: &compatibility)
        }
    }

    /// Whether an application is told of the start and the end of the server (U-C-26, U-LS-02 to U-LS-04).
    public enum Lifespan: String, Sendable, Hashable, CaseIterable {
        /// It is, and one that does not know of it is served all the same.
        case auto
        /// It is, and a failure there ends the server.
        case on
        /// It is not.
        case off
    }

    /// Whose numbers and log lines the server uses.
    public enum Compatibility: String, Sendable, Hashable, CaseIterable {
        /// Alicorn's.
        case none
        /// uvicorn's: 1005 for a connection that is lost, and lines on WebSocket access in `uvicorn.error`.
        case uvicorn
    }
}
