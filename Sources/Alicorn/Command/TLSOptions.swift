// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/TLS``.
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The certificate and those that lead to its root, in PEM. It turns TLS on.", valueName: "file"),
        completion: .file())
    var sslCertfile: String?

    @Option(
        help: ArgumentHelp("The private key, in PEM, when it is not in the certificate's file.", valueName: "file"),
        completion: .file())
    var sslKeyfile: String?

    @Option(help: ArgumentHelp("The password of the private key.", valueName: "password"))
    var sslKeyfilePassword: String?

    @Option(help: ArgumentHelp("The protocol, as a number of Python's ssl module. [default: 17]", valueName: "number"))
    var sslVersion: String?

    @Option(
        help: ArgumentHelp(
            "Whether clients show a certificate: 0 no, 1 if they like, 2 they must. [default: 0]", valueName: "0|1|2"))
    var sslCertReqs: String?

    @Option(
        help: ArgumentHelp("The roots for the certificates of clients, in PEM.", valueName: "file"), completion: .file()
    )
    var sslCaCerts: String?

    @Option(help: ArgumentHelp("Cipher suites, in OpenSSL's words; the safe ones unless given.", valueName: "ciphers"))
    var sslCiphers: String?

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: "Read the files again when they change, and on SIGHUP. [default: true]")
    var sslReload: Bool?
}
