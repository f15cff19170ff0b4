import Testing

import AlicornTransport
