//! The primitives that pages are made of. None does I/O; the styles of each are in `style/ui` under the same name.

pub mod breadcrumbs;
pub mod button;
pub mod card;
pub mod checkbox;
pub mod code;
pub mod dialog;
pub mod empty;
pub mod field;
pub mod form;
pub mod load;
pub mod note;
pub mod pill;
pub mod problem;
pub mod radio;
pub mod select;
pub mod table;
pub mod tabs;
pub mod textarea;
pub mod time;
pub mod toast;
pub mod toggle;
pub mod wizard;
