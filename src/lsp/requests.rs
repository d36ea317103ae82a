//! The table of requests. In: parameters as JSON. Out: the answer as JSON. Each row names a method, what it needs
//! to be answered, and the function that answers; `capabilities` tells the editor of them.

use super::documents::Document;
use super::world::World;
use super::{
    actions, colors, completion, definition, format, hints, hover, rename, signature, symbols,
};
use lsp_server::{ErrorCode, ResponseError};
use lsp_types::request::*;
use lsp_types::*;
use serde_json::Value;

/// What must be there before a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The text.
    Text,
    /// An analysis, of the text as it is or as it was.
    Analysis,
}

/// A row of the table.
pub struct Row {
    /// The method.
    pub method: &'static str,
    /// What must be there.
    pub needs: Needs,
    /// Answers it.
    pub answer: fn(&World, &Document, Value) -> Result<Value, ResponseError>,
}

macro_rules! rows {
    ($($request:ident $needs:ident $answer:expr;)*) => {
        /// All requests about a document.
        pub const ROWS: &[Row] = &[$(Row {
            method: $request::METHOD,
            needs: Needs::$needs,
            answer: |world, doc, params| {
                let params: <$request as Request>::Params = read(params)?;
                let answer: fn(
                    &World,
                    &Document,
                    <$request as Request>::Params,
                ) -> Result<<$request as Request>::Result, ResponseError> = $answer;
                write(answer(world, doc, params)?)
            },
        }),*];
    };
}

rows! {
    Completion Text |_, doc, p| {
        let items = completion::completion(doc, doc.offset(p.text_document_position.position));
        Ok(Some(CompletionResponse::Array(items)))
    };
    SignatureHelpRequest Text |_, doc, p| {
        Ok(signature::help(doc, doc.offset(p.text_document_position_params.position)))
    };
    HoverRequest Analysis |_, doc, p| {
        Ok(hover::hover(doc, doc.offset(p.text_document_position_params.position)))
    };
    GotoDefinition Analysis |world, doc, p| {
        let at = doc.offset(p.text_document_position_params.position);
        Ok(definition::definition(world, doc, at).map(GotoDefinitionResponse::Scalar))
    };
    References Analysis |world, doc, p| {
        let at = doc.offset(p.text_document_position.position);
        Ok(Some(definition::references(world, doc, at, p.context.include_declaration)))
    };
    DocumentHighlightRequest Analysis |_, doc, p| {
        Ok(Some(definition::highlights(doc, doc.offset(p.text_document_position_params.position))))
    };
    DocumentSymbolRequest Text |_, doc, _| {
        Ok(Some(DocumentSymbolResponse::Nested(symbols::symbols(doc))))
    };
    Formatting Text |_, doc, _| format::format(doc).map(Some).map_err(refused);
    InlayHintRequest Analysis |_, doc, p| {
        Ok(Some(hints::hints(doc, doc.lines.bytes(&doc.text, p.range))))
    };
    CodeActionRequest Analysis |world, doc, p| {
        Ok(Some(actions::actions(world, doc, doc.lines.bytes(&doc.text, p.range))))
    };
    SemanticTokensFullRequest Analysis |_, doc, _| {
        let tokens = SemanticTokens { result_id: None, data: colors::tokens(doc) };
        Ok(Some(SemanticTokensResult::Tokens(tokens)))
    };
    PrepareRenameRequest Analysis |_, doc, p| prepare_rename(doc, doc.offset(p.position));
}

fn prepare_rename(
    doc: &Document,
    at: usize,
) -> Result<Option<PrepareRenameResponse>, ResponseError> {
    let Some(token) = doc.token(at) else { return Ok(None) };
    let known = doc.look(at, |analysis, at| Some(rename::renameable(analysis, at).map(drop)));
    known.unwrap_or(Ok(())).map_err(refused)?;
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder {
        range: doc.range(token.start, token.end),
        placeholder: doc.word(token).into(),
    }))
}

/// Parameters of a request.
pub fn read<T: serde::de::DeserializeOwned>(params: Value) -> Result<T, ResponseError> {
    serde_json::from_value(params)
        .map_err(|error| failed(ErrorCode::InvalidParams, error.to_string()))
}

fn write<T: serde::Serialize>(result: T) -> Result<Value, ResponseError> {
    serde_json::to_value(result)
        .map_err(|error| failed(ErrorCode::InternalError, error.to_string()))
}

/// An answer that says why there is none.
pub fn failed(code: ErrorCode, message: String) -> ResponseError {
    ResponseError { code: code as i32, message, data: None }
}

/// What was asked cannot be done, and the user is told why.
pub fn refused(why: String) -> ResponseError {
    failed(ErrorCode::RequestFailed, why)
}

/// What the server can do.
pub fn capabilities() -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::Supported(true)),
        ..Default::default()
    };
    let letters = |list: &[&str]| Some(list.iter().map(|letter| letter.to_string()).collect());
    let tokens = SemanticTokensOptions {
        legend: colors::legend(),
        full: Some(SemanticTokensFullOptions::Bool(true)),
        ..Default::default()
    };
    let fixes = CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
        ..Default::default()
    };
    let rename = RenameOptions {
        prepare_provider: Some(true),
        work_done_progress_options: Default::default(),
    };
    ServerCapabilities {
        position_encoding: Some(PositionEncodingKind::UTF16),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: letters(&[".", "(", "~", "\""]),
            ..Default::default()
        }),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: letters(&["(", ",", "="]),
            ..Default::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(rename)),
        inlay_hint_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(fixes)),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            tokens,
        )),
        ..Default::default()
    }
}
