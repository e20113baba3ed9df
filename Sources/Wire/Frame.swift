/// One part of a message as it is on the wire.
package typealias Frame = [UInt8]
