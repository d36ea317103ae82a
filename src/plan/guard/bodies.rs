//! Register programs. In: a loop, or the epilogue of a product. Out: how much it does.

use super::super::{BufferId, Fold, Load, Loop, Reg, View};
use super::types::{Word, result};
use super::{Guard, MOST_DIMS, MOST_PARTS, MOST_REGISTERS, distinct, holds, range, space, times};

impl Guard<'_> {
    /// `product`: rows and columns of the product whose epilogue this is.
    pub fn body(&self, body: &Loop, product: Option<(usize, usize)>) -> Result<u128, String> {
        let rank = body.shape.len();
        holds(rank <= MOST_DIMS && body.outer <= rank, "the dims of a loop")?;
        space(&body.shape)?;
        let rows = |rest: &[usize]| space(rest);
        let fits = match (product, body.shape.split_last()) {
            (None, _) => true,
            (Some((m, n)), Some((last, rest))) => *last == n && rows(rest)? == m,
            (Some(_), None) => false,
        };
        holds(fits, "an epilogue of another space")?;
        let few = |n: usize| n <= MOST_REGISTERS;
        holds(few(body.loads.len() + body.code.len()), "too many registers")?;
        holds(few(body.stores.len() + body.folds.len()), "too many results")?;
        let words = self.registers(body, product.is_some())?;
        let register = |reg: Reg| words.get(reg).copied().ok_or("a result of no register");
        for store in &body.stores {
            let (word, buffer) = (register(store.reg)?, self.buffer(store.to.buffer)?);
            holds(word.is(Word::of(buffer)), "a result of another type")?;
            self.view(&store.to, &body.shape)?;
            distinct(&store.to.strides, &body.shape)?;
        }
        for fold in &body.folds {
            let word = if fold.integer { Word::Whole } else { Word::Real };
            holds(register(fold.reg)?.is(word), "a fold of another type")?;
        }
        self.folds(body, product.is_some())?;
        self.apart_in_loop(body)?;
        let each = words.len() + body.stores.len() + body.folds.len();
        Ok(times(&body.shape).saturating_mul(each as u128))
    }

    fn view(&self, view: &View, shape: &[usize]) -> Result<(), String> {
        self.reach(view.buffer, view.offset, &view.strides, shape)
    }

    /// The types of all registers.
    fn registers(&self, body: &Loop, epilogue: bool) -> Result<Vec<Word>, String> {
        let mut words = Vec::new();
        for load in &body.loads {
            words.push(self.load(load, &body.shape, epilogue)?);
        }
        for instr in &body.code {
            let args: Option<Vec<Word>> =
                instr.args.iter().map(|a| words.get(*a).copied()).collect();
            words.push(result(instr.op, &args.ok_or("an operand that is not there")?)?);
        }
        Ok(words)
    }

    fn load(&self, load: &Load, shape: &[usize], epilogue: bool) -> Result<Word, String> {
        Ok(match load {
            Load::View(view) => {
                self.view(view, shape)?;
                Word::of(self.buffer(view.buffer)?)
            }
            Load::Const(_) => Word::Either,
            Load::Count { offset, strides } => {
                let (low, high) = range(*offset, strides, shape)?;
                let fits = low >= i32::MIN.into() && high <= i32::MAX.into();
                holds(fits, "a count beyond the integers")?;
                Word::Whole
            }
            Load::Noise { seed, step, offset, strides, .. } => {
                let (low, high) = range(*offset, strides, shape)?;
                holds(low >= 0 && high <= u32::MAX.into(), "noise of no element")?;
                for scalar in [*seed, *step] {
                    let word = Word::of(self.buffer(scalar)?);
                    holds(self.len(scalar)? == 1 && word == Word::Whole, "noise without a key")?;
                }
                Word::Real
            }
            Load::Product => {
                holds(epilogue, "a product outside of a product")?;
                Word::Real
            }
        })
    }

    fn folds(&self, body: &Loop, epilogue: bool) -> Result<(), String> {
        if body.folds.is_empty() {
            let plain = body.splits <= 1 && !body.columns;
            return holds(plain && (epilogue || !body.stores.is_empty()), "a loop for nothing");
        }
        let (rank, last) = (body.shape.len(), usize::from(body.columns));
        holds(!epilogue, "a fold in an epilogue")?;
        holds(rank >= last && body.outer <= rank - last, "the dims of a fold")?;
        let folded = body.outer..rank - last;
        let terms = space(&body.shape[folded.clone()])?;
        let parts = (1..=MOST_PARTS.min(terms)).contains(&body.splits);
        holds(parts, "the parts of a fold")?;
        // Folded dims have one point here: their strides are zero.
        let mut kept = body.shape.clone();
        kept[folded.clone()].fill(1);
        for fold in &body.folds {
            let still = fold.to.strides.get(folded.clone());
            holds(still.is_some_and(|s| s.iter().all(|s| *s == 0)), "a fold that moves")?;
            self.view(&fold.to, &kept)?;
            distinct(&fold.to.strides, &kept)?;
            self.fold_types(fold, body.splits, space(&kept)?)?;
        }
        Ok(())
    }

    fn fold_types(&self, fold: &Fold, splits: usize, results: usize) -> Result<(), String> {
        let word = if fold.integer { Word::Whole } else { Word::Real };
        let typed = |buffer: BufferId| -> Result<(), String> {
            holds(Word::of(self.buffer(buffer)?) == word, "a fold to another type")
        };
        typed(fold.to.buffer)?;
        holds(fold.parts.is_some() == (splits > 1), "parts of a fold")?;
        if let Some(parts) = fold.parts {
            typed(parts)?;
            self.has(parts, space(&[splits, results])?)?;
        }
        Ok(())
    }
}
