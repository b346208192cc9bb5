//! Forms and their controls, which need not stand within them.

use std::collections::HashMap;

use super::element::Element;
use super::tokens::{Attribute, Attributes};
use super::{Form, MAX_FORMS};

/// Forms as they are read.
#[derive(Default)]
pub(super) struct Forms {
    forms: Vec<Form>,
    open: Option<usize>,
    /// Forms by their `id`, and controls that name one by `form`, which may come before it.
    ids: HashMap<Vec<u8>, usize>,
    loose: Vec<(Vec<u8>, String)>,
    controls: usize,
}

impl Forms {
    pub(super) fn open(&mut self, attributes: &Attributes) {
        // A form in a form is none.
        if self.open.is_some() || self.forms.len() >= MAX_FORMS {
            return;
        }
        let at = self.forms.len();
        self.open = Some(at);
        if let Some(id) = attributes.value(Attribute::Id) {
            self.ids.entry(id.to_vec()).or_insert(at);
        }
        let action = attributes.text(Attribute::Action).unwrap_or_default();
        self.forms.push(Form { action, ..Form::default() });
    }

    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// Adds a control. Gives its type.
    pub(super) fn control(&mut self, element: Element, attributes: &Attributes) -> String {
        let kind = kind(element, attributes);
        if self.controls >= MAX_FORMS {
            return kind;
        }
        self.controls += 1;
        let named = attributes.value(Attribute::Form);
        match (named, self.open.and_then(|at| self.forms.get_mut(at))) {
            (Some(id), _) => self.loose.push((id.to_vec(), kind.clone())),
            (None, Some(form)) => form.inputs.push(kind.clone()),
            (None, None) => {}
        }
        let target = attributes.text(Attribute::FormAction);
        if let Some(action) = target.filter(|_| self.forms.len() < MAX_FORMS) {
            self.forms.push(Form { action, inputs: vec![kind.clone()], control: true });
        }
        kind
    }

    pub(super) fn finish(mut self) -> Vec<Form> {
        for (id, kind) in self.loose {
            let form = self.ids.get(&id).and_then(|at| self.forms.get_mut(*at));
            if let Some(form) = form {
                form.inputs.push(kind);
            }
        }
        self.forms
    }
}

fn kind(element: Element, attributes: &Attributes) -> String {
    let written = attributes.text(Attribute::Type).map(|t| t.trim().to_ascii_lowercase());
    match element {
        Element::Textarea => "textarea".to_owned(),
        Element::Select => "select".to_owned(),
        Element::Button => written.unwrap_or_else(|| "submit".to_owned()),
        _ => written.filter(|t| !t.is_empty()).unwrap_or_else(|| "text".to_owned()),
    }
}
