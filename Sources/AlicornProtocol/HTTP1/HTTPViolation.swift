// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A way in which a peer broke HTTP/1.1.
///
/// After one, nothing more is read from the connection: where the message ends is not certain any more.
public enum HTTPViolation: Error, Sendable, Hashable, CaseIterable {
    // MARK: Lines

    /// RFC 9112 §2.2: a line ends in CRLF; LF alone is refused, as other recipients may not see a line end.
    case bareLineFeed
    /// RFC 9112 §2.2: a CR that no LF follows.
    case bareCarriageReturn
    /// RFC 9110 §5.5: NUL or another control character.
    case controlCharacter
    /// RFC 9112 §3: the request line is longer than ``HTTPLimits/startLine``.
    case requestLineTooLong
    /// RFC 6585 §5: a field line is longer than ``HTTPLimits/fieldLine``.
    case fieldLineTooLong
    /// RFC 6585 §5: the head is larger than ``HTTPLimits/head``.
    case headTooLarge
    /// RFC 6585 §5: more fields than ``HTTPLimits/fields``.
    case tooManyFields

    // MARK: Request line

    /// RFC 9112 §3: not method, target and version with one space between them.
    case malformedRequestLine
    /// RFC 9110 §9.1: the method is not a token.
    case invalidMethod
    /// RFC 9112 §3: the method is longer than any that exists.
    case methodTooLong
    /// RFC 9112 §2.3: the version is not `HTTP/` digit `.` digit.
    case malformedVersion
    /// RFC 9110 §15.6.6: another major version than 1.
    case unsupportedVersion
    /// RFC 9112 §3.2: the target is in none of the four forms, or in the wrong one for its method.
    case invalidTarget

    // MARK: Fields

    /// RFC 9112 §2.2: white space between the start line and the first field.
    case whitespaceBeforeFields
    /// RFC 9112 §5.2: a field line that goes on in the next line.
    case obsoleteLineFolding
    /// RFC 9112 §5: a field line without a colon.
    case missingColon
    /// RFC 9112 §5.1: white space between name and colon.
    case whitespaceBeforeColon
    /// RFC 9110 §5.1: a field without a name.
    case emptyFieldName
    /// RFC 9110 §5.1: the name is not a token.
    case invalidFieldName
    /// RFC 9112 §3.2: a request in HTTP/1.1 without Host.
    case missingHost
    /// RFC 9112 §3.2: more than one Host.
    case repeatedHost
    /// RFC 9112 §3.2: Host is not a host with or without a port.
    case invalidHost
    /// RFC 9110 §10.1.1: an expectation other than `100-continue`.
    case unknownExpectation

    // MARK: Framing

    /// RFC 9110 §8.6: Content-Length is not one number in digits, or does not fit into 63 bits.
    case invalidContentLength
    /// RFC 9112 §6.3: more than one Content-Length, even if they agree.
    case repeatedContentLength
    /// RFC 9112 §6.1: Transfer-Encoding in a message of HTTP/1.0.
    case transferEncodingInHTTP10
    /// RFC 9112 §6.1: both Transfer-Encoding and Content-Length.
    case transferEncodingWithContentLength
    /// RFC 9112 §6.1: a transfer coding other than chunked, below it.
    case unsupportedTransferCoding
    /// RFC 9112 §6.3: chunked is not the last transfer coding, or stands there twice, or the list is malformed.
    case invalidTransferEncoding
    /// RFC 9110 §15.5.14: the body is larger than ``HTTPLimits/requestBody``.
    case bodyTooLarge
    /// RFC 9112 §7.1: a chunk's size is not 1 to 16 hexadecimal digits, or does not fit into 63 bits.
    case invalidChunkSize
    /// RFC 9112 §7.1.1: chunk extensions that break their grammar.
    case invalidChunkExtension
    /// RFC 9112 §7.1: a chunk's size line or data does not end in CRLF.
    case missingChunkEnd
    /// RFC 9112 §7.1.1: more chunk extensions than ``HTTPLimits/chunkOverhead``.
    case chunkOverheadTooLarge
    /// RFC 6585 §5: trailers larger than ``HTTPLimits/chunkOverhead``.
    case trailersTooLarge

    // MARK: Ends

    /// RFC 9112 §8: the connection ended inside a head.
    case incompleteHead
    /// RFC 9112 §8: the connection ended inside a body.
    case incompleteBody
    /// RFC 9110 §15.5.9: the head did not arrive in time; whoever holds the clock tells.
    case headTimedOut
    /// RFC 9110 §15.5.9: the body did not arrive in time; whoever holds the clock tells.
    case bodyTimedOut

    // MARK: Responses

    /// RFC 9112 §4: not version, status code and reason phrase.
    case malformedStatusLine
    /// RFC 9112 §4: the status line is longer than ``HTTPLimits/startLine``.
    case statusLineTooLong
    /// RFC 9110 §15: a status code outside 100 to 599.
    case invalidStatus
    /// RFC 9112 §2.3: a response in HTTP/1.0, from a server that was to speak HTTP/1.1.
    case unexpectedHTTP10
    /// RFC 9110 §15.2: more interim responses than ``HTTPLimits/interimResponses``.
    case tooManyInterimResponses
}

extension HTTPViolation {
    /// The status code that answers it; 502 where the fault is a response's.
    public var status: Int {
        switch self {
        case .bareLineFeed, .bareCarriageReturn, .controlCharacter, .malformedRequestLine, .invalidMethod,
            .malformedVersion, .invalidTarget, .whitespaceBeforeFields, .obsoleteLineFolding, .missingColon,
            .whitespaceBeforeColon, .emptyFieldName, .invalidFieldName, .missingHost, .repeatedHost, .invalidHost,
            .invalidContentLength, .repeatedContentLength, .transferEncodingInHTTP10,
            .transferEncodingWithContentLength, .invalidTransferEncoding, .invalidChunkSize, .invalidChunkExtension,
            .missingChunkEnd, .incompleteHead, .incompleteBody:
            400
        case .headTimedOut, .bodyTimedOut: 408
        case .bodyTooLarge, .chunkOverheadTooLarge: 413
        case .requestLineTooLong: 414
        case .unknownExpectation: 417
        case .fieldLineTooLong, .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .methodTooLong, .unsupportedTransferCoding: 501
        case .malformedStatusLine, .statusLineTooLong, .invalidStatus, .unexpectedHTTP10, .tooManyInterimResponses: 502
        case .unsupportedVersion: 505
        }
    }
}

extension HTTPViolation: CustomStringConvertible {
    /// What the peer did, as a sentence without its full stop.
    public var description: String {
        switch self {
        case .bareLineFeed: "a line ends in LF alone, not in CRLF"
        case .bareCarriageReturn: "a CR stands alone, without LF behind it"
        case .controlCharacter: "the head holds a control character"
        case .requestLineTooLong: "the request line is too long"
        case .fieldLineTooLong: "a header is too long"
        case .headTooLarge: "the headers are too large together"
        case .tooManyFields: "there are too many headers"
        case .malformedRequestLine: "the request line is not method, target and version with one space between them"
        case .invalidMethod: "the method is not a token"
        case .methodTooLong: "the method is longer than any that exists"
        case .malformedVersion: "the version is not one of HTTP"
        case .unsupportedVersion: "the version of HTTP is not supported: HTTP/1.1 and HTTP/1.0 are"
        case .invalidTarget: "the request target is not valid for its method"
        case .whitespaceBeforeFields: "white space stands before the first header"
        case .obsoleteLineFolding: "a header goes on in the next line, which is obsolete"
        case .missingColon: "a header has no colon"
        case .whitespaceBeforeColon: "white space stands between a header's name and its colon"
        case .emptyFieldName: "a header has no name"
        case .invalidFieldName: "a header's name is not a token"
        case .missingHost: "the Host header is missing"
        case .repeatedHost: "there is more than one Host header"
        case .invalidHost: "the Host header is not a host with or without a port"
        case .unknownExpectation: "the Expect header asks for something other than 100-continue"
        case .invalidContentLength: "the Content-Length header is not one number"
        case .repeatedContentLength: "there is more than one Content-Length header"
        case .transferEncodingInHTTP10: "a message of HTTP/1.0 has a Transfer-Encoding header"
        case .transferEncodingWithContentLength: "there are both Transfer-Encoding and Content-Length headers"
        case .unsupportedTransferCoding: "the Transfer-Encoding header names a coding other than chunked"
        case .invalidTransferEncoding: "the Transfer-Encoding header does not end in chunked, once"
        case .bodyTooLarge: "the body is too large"
        case .invalidChunkSize: "the size of a chunk is not a hexadecimal number of at most 16 digits, below 2^63"
        case .invalidChunkExtension: "the extension of a chunk is malformed"
        case .missingChunkEnd: "a chunk does not end in CRLF where its size says"
        case .chunkOverheadTooLarge: "the chunks hold too much beside their data"
        case .trailersTooLarge: "the trailers are too large together"
        case .incompleteHead: "the connection ended before the headers did"
        case .incompleteBody: "the connection ended before the body did"
        case .headTimedOut: "the headers did not arrive in time"
        case .bodyTimedOut: "the body did not arrive in time"
        case .malformedStatusLine: "the status line is not version, status code and reason phrase"
        case .statusLineTooLong: "the status line is too long"
        case .invalidStatus: "the status code is not between 100 and 599"
        case .unexpectedHTTP10: "the response is in HTTP/1.0, not in HTTP/1.1"
        case .tooManyInterimResponses: "there are too many interim responses before the final one"
        }
    }
}
