import CTorchAPI
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// libtorch behind `libPonderTorch.so`, opened on first use.
///
/// The shim is looked for in `$PONDER_HOME/lib`, beside the binary, in `../lib/ponder` from it, in that order. A command
/// that needs no tensors never loads it, and starts at once.
package enum TorchLibrary {
    /// Version of libtorch, such as `2.13.0`.
    ///
    /// - Throws: `TorchError` when the library cannot be opened.
    package static func version() throws(TorchError) -> String {
        String(cString: try api().pointee.libtorch_version)
    }

    /// Sets how many threads one operation uses in this process; part of what the bits depend on.
    package static func setThreads(_ count: Int) throws(TorchError) {
        let api = try api()
        try check("set_threads") { api.pointee.set_threads(Int32(count), $0) }
    }

    package static func threads() throws(TorchError) -> Int { Int(try api().pointee.threads()) }

    package static func isCUDAAvailable() throws(TorchError) -> Bool {
        try api().pointee.cuda_available() != 0
    }

    /// Tensors alive in this process: a leak shows as a count that only grows.
    package static func liveTensors() throws(TorchError) -> Int { Int(try api().pointee.live_tensors()) }

    static func api() throws(TorchError) -> UnsafePointer<ponder_torch_api> {
        switch opened {
        case .success(let table): return table.pointer
        case .failure(let error): throw error
        }
    }

    /// Where the shim may be, first to last.
    package static func candidates() -> [String] {
        let name = "libPonderTorch.so"
        var places: [String] = []
        if let home = ProcessInfo.processInfo.environment["PONDER_HOME"] {
            places.append("\(home)/lib/\(name)")
        }
        if let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            let folder = (binary as NSString).deletingLastPathComponent
            places.append("\(folder)/\(name)")
            places.append("\(folder)/../lib/ponder/\(name)")
        }
        return places
    }

    // The table is a constant of the library, which is never closed.
    private struct Table: @unchecked Sendable { let pointer: UnsafePointer<ponder_torch_api> }

    private static let opened: Result<Table, TorchError> = open()

    private static func open() -> Result<Table, TorchError> {
        func failure(_ message: String) -> Result<Table, TorchError> {
            .failure(TorchError(operation: "load", message: message))
        }
        let places = candidates()
        guard let path = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            return failure(
                "libPonderTorch.so is in none of \(places.joined(separator: ", ")); "
                    + "build it with Scripts/build-shim OUT and set PONDER_HOME, or run Scripts/bootstrap and build again"
            )
        }
        // libtorch's OpenMP threads spin while they wait for each other, which on a machine that is busy with something else
        // makes a step many times slower: let them sleep after some microseconds, unless the user has decided.
        setenv("GOMP_SPINCOUNT", "20000", 0)
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown"
            return failure(
                "cannot open \(path): \(reason); is libtorch still where the shim was built against it?")
        }
        guard let symbol = dlsym(handle, "ponder_torch_api_entry") else {
            return failure("\(path) has no ponder_torch_api_entry; build it again with Scripts/build-shim")
        }
        let entry = unsafeBitCast(symbol, to: ponder_torch_api_function.self)
        guard let table = entry(), table.pointee.version == UInt32(PT_API_VERSION) else {
            return failure(
                "\(path) speaks another version than \(PT_API_VERSION); build it again with Scripts/build-shim"
            )
        }
        return .success(Table(pointer: table))
    }

    /// Runs one entry of the table; a status other than 0 becomes an error with its operands' shapes.
    static func check(
        _ operation: String, _ operands: [Tensor] = [],
        _ body: (UnsafeMutablePointer<pt_error>) -> Int32
    ) throws(TorchError) {
        var error = pt_error()
        guard body(&error) != 0 else { return }
        let message = withUnsafeBytes(of: &error.message) { bytes in
            String(decoding: bytes.prefix(while: { $0 != 0 }), as: UTF8.self)
        }
        throw TorchError(operation: operation, shapes: operands.map(\.shape), message: message)
    }
}

/// Runs `body` without recording gradients on this thread, and restores the setting afterwards.
package func withoutGradients<Result>(_ body: () throws -> Result) throws -> Result {
    let api = try TorchLibrary.api()
    var previous: Int32 = 0
    try TorchLibrary.check("set_gradient_enabled") { api.pointee.set_gradient_enabled(0, &previous, $0) }
    defer {
        var ignored: Int32 = 0
        var error = pt_error()
        // Restoring a flag cannot fail; there is nobody left to tell if it did.
        _ = api.pointee.set_gradient_enabled(previous, &ignored, &error)
    }
    return try body()
}

/// Runs `body` with products whose factors are rounded to a type; sums, and all that is no product, stay float32.
///
/// It holds for `linear` and the log-probabilities of tokens on the calling thread, forward and backward, as `torch.autocast` does.
package func withProducts<Result>(of type: DType, _ body: () throws -> Result) throws -> Result {
    let api = try TorchLibrary.api()
    var previous: Int32 = 0
    try TorchLibrary.check("set_half_products") {
        api.pointee.set_half_products(type == .bfloat16 ? 1 : 0, &previous, $0)
    }
    defer {
        var ignored: Int32 = 0
        var error = pt_error()
        // Restoring a flag cannot fail; there is nobody left to tell if it did.
        _ = api.pointee.set_half_products(previous, &ignored, &error)
    }
    return try body()
}
