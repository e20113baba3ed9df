import Testing
import Torch

@Suite struct TensorTests {
    @Test(arguments: DType.allCases)
    func `bytes go in and come out unchanged`(dtype: DType) throws {
        let bytes = (0..<6 * dtype.size).map { UInt8(truncatingIfNeeded: $0 * 37 + 1) }
        let tensor = try bytes.withUnsafeBytes { try Tensor(bytes: $0, dtype: dtype, shape: [2, 3]) }
        #expect(try tensor.bytes() == bytes)
        #expect(tensor.shape == [2, 3])
        #expect(tensor.dtype == dtype)
    }

    @Test func `a shape that does not fit its bytes is an error that says both sizes`() throws {
        let bytes = [UInt8](repeating: 0, count: 10)
        let error = try #require(throws: TorchError.self) {
            _ = try bytes.withUnsafeBytes { try Tensor(bytes: $0, dtype: .float32, shape: [3]) }
        }
        #expect(error.message.contains("12") && error.message.contains("10"))
    }

    @Test func `an operation that does not fit names itself and its shapes`() throws {
        let a = try Tensor([1, 2, 3] as [Float], shape: [3])
        let b = try Tensor([1, 2] as [Float], shape: [2])
        let error = try #require(throws: TorchError.self) { _ = try a + b }
        #expect(error.operation == "add")
        #expect(error.shapes == [[3], [2]])
        #expect(error.description.contains("[3]"))
    }

    @Test func `arithmetic is elementwise`() throws {
        let a = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
        let b = try Tensor([10, 20, 30, 40] as [Float], shape: [2, 2])
        #expect(try (a + b).floats() == [11, 22, 33, 44])
        #expect(try (b - a * 2).floats() == [8, 16, 24, 32])
        #expect(try Tensor.minimum(a * b, b * 2).floats() == [10, 40, 60, 80])
        #expect(try a.matmul(b).floats() == [70, 100, 150, 220])
        #expect(try a.clamped(2, 3).floats() == [2, 2, 3, 3])
        #expect(try a.sum().item() == 10)
        #expect(try a.narrowed(0, from: 1, count: 1).floats() == [3, 4])
        #expect(try Tensor.concatenated([a, b], dimension: 1).floats() == [1, 2, 10, 20, 3, 4, 30, 40])
    }

    @Test func `operands of different shapes are repeated where a size is 1 or missing, or refused`() throws {
        let table = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
        let row = try Tensor([10, 20, 30] as [Float], shape: [3])
        let column = try Tensor([100, 200] as [Float], shape: [2, 1])
        #expect(try (table + row).floats() == [11, 22, 33, 14, 25, 36])
        #expect(try (table + column).floats() == [101, 102, 103, 204, 205, 206])
        #expect(try (row * column).shape == [2, 3])
        #expect(throws: TorchError.self) { try table + Tensor([1, 2] as [Float], shape: [2]) }
        #expect(try Tensor.minimum(table.converted(to: .bfloat16), row).dtype == .float32)
    }

    @Test func `rows outside of a table are refused`() throws {
        let table = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
        #expect(try table.rows(Tensor([1, 0, 1] as [Int64], shape: [3])).floats() == [3, 4, 1, 2, 3, 4])
        #expect(throws: TorchError.self) { try table.rows(Tensor([2] as [Int64], shape: [1])) }
    }

    @Test func `the item of a tensor with several elements is an error`() throws {
        #expect(throws: TorchError.self) { try Tensor([1, 2] as [Float], shape: [2]).item() }
    }

    @Test func `tensors are freed with their last reference`() throws {
        let before = try TorchLibrary.liveTensors()
        for _ in 0..<2000 {
            let a = try Tensor([1, 2] as [Float], shape: [2])
            _ = try (a + a) * 2 - a
        }
        // Other tests run beside this one and hold some; a leak would leave 8,000 here.
        #expect(try TorchLibrary.liveTensors() - before < 4000)
    }

    @Test func `a device that is not there is a clear error`() throws {
        guard try !TorchLibrary.isCUDAAvailable() else { return }
        let error = try #require(throws: TorchError.self) {
            _ = try Tensor.zeros([2], device: .cuda)
        }
        #expect(error.message.contains("CUDA"))
    }
}
