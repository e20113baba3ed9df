import Reinforcement
import Transformers

extension Policy {
    /// Samples responses with a generator made for this call alone.
    ///
    /// To generate more than once, keep a `Generator`.
    func generate(
        _ prompts: [[Int32]], samples: Int, _ sampling: Sampling, slots: Int? = nil,
        uniform: (_ prompt: Int, _ sample: Int, _ position: Int) -> Double
    ) throws -> [[Completion]] {
        try Generator(self).generate(prompts, samples: samples, sampling, slots: slots, uniform: uniform)
    }
}
