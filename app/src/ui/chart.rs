//! Bars over time, drawn by the server, with their numbers as text.

use leptos::prelude::*;

use super::note::Tone;

/// What is stacked in every bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub name: String,
    pub tone: Tone,
}

/// One bar: its numbers in the order of the series, the first at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    pub values: Vec<u32>,
}

/// Width of the place of one bar, in the drawing's own units; the bar leaves some of it free.
const PLACE: u64 = 10;
const WIDTH: u64 = 6;
/// Height of the scale.
const HEIGHT: u64 = 1_000;
/// Labels that fit below a narrow chart.
const LABELS: usize = 6;

/// Stacked bars with a scale, a legend, and a table of the numbers for those who hear the page.
#[component]
pub fn Bars(
    /// What the bars count: the heading of the chart.
    #[prop(into)]
    caption: String,
    series: Vec<Series>,
    bars: Vec<Bar>,
) -> impl IntoView {
    let legend = series.iter().map(|one| swatch(one).into_any()).collect_view();
    let table = numbers(&caption, &series, &bars);
    let top = scale(bars.iter().map(total).max().unwrap_or_default());
    let drawing = if bars.iter().all(|bar| total(bar) == 0) {
        view! { <p class="chart-empty">"Nothing in this time."</p> }.into_any()
    } else {
        drawing(&series, &bars, top)
    };
    view! {
        <figure class="chart">
            <figcaption class="chart-head">
                <h2>{caption}</h2>
                <ul class="chart-legend" aria-hidden="true">{legend}</ul>
            </figcaption>
            {drawing}
            {table}
        </figure>
    }
}

fn drawing(series: &[Series], bars: &[Bar], top: u64) -> AnyView {
    let stacks = bars.iter().enumerate().map(|(place, bar)| stack(series, bar, place, top)).collect_view();
    let width = PLACE * bars.len() as u64;
    let every = bars.len().div_ceil(LABELS).max(1);
    let labels = bars
        .iter()
        .enumerate()
        .map(|(place, bar)| {
            let label = (place % every == 0).then(|| view! { <span>{bar.label.clone()}</span> });
            view! { <li>{label}</li> }
        })
        .collect_view();
    view! {
        <div class="chart-plot" aria-hidden="true">
            <span class="chart-top">{grouped(top)}</span>
            <svg viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none">{stacks}</svg>
            <ol class="chart-labels">{labels}</ol>
        </div>
    }
    .into_any()
}

fn stack(series: &[Series], bar: &Bar, place: usize, top: u64) -> AnyView {
    let left = PLACE * place as u64 + (PLACE - WIDTH) / 2;
    let mut below = 0;
    let parts = series
        .iter()
        .zip(&bar.values)
        .filter(|(_, value)| **value > 0)
        .map(|(one, value)| {
            let height = height(*value, top);
            below += height;
            let class = format!("chart-bar {}", one.tone.class());
            let y = HEIGHT.saturating_sub(below);
            view! { <rect class=class x=left y=y width=WIDTH height=height></rect> }.into_any()
        })
        .collect_view();
    let tells: Vec<String> = series
        .iter()
        .zip(&bar.values)
        .map(|(one, value)| format!("{} {}", grouped(u64::from(*value)), one.name))
        .collect();
    let title = format!("{}: {}", bar.label, tells.join(", "));
    // The whole height tells the numbers, so that a low bar is found as well.
    view! {
        <g>
            <title>{title}</title>
            <rect class="chart-place" x=PLACE * place as u64 y=0 width=PLACE height=HEIGHT></rect>
            {parts}
        </g>
    }
    .into_any()
}

fn swatch(series: &Series) -> impl IntoView + use<> {
    view! { <li><span class=format!("chart-swatch {}", series.tone.class())></span>{series.name.clone()}</li> }
}

fn numbers(caption: &str, series: &[Series], bars: &[Bar]) -> AnyView {
    let heads = series.iter().map(|one| view! { <th scope="col">{one.name.clone()}</th> }).collect_view();
    let rows = bars
        .iter()
        .map(|bar| {
            let cells = bar.values.iter().map(|value| view! { <td>{*value}</td> }).collect_view();
            view! { <tr><th scope="row">{bar.label.clone()}</th>{cells}</tr> }.into_any()
        })
        .collect_view();
    view! {
        <table class="visually-hidden">
            <caption>{caption.to_owned()}</caption>
            <thead><tr><th scope="col">"Time"</th>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn total(bar: &Bar) -> u64 {
    bar.values.iter().map(|value| u64::from(*value)).sum()
}

/// A round number at or above the highest bar: 1, 2 or 5 with zeros.
fn scale(highest: u64) -> u64 {
    let mut step: u64 = 1;
    loop {
        for round in [step, step.saturating_mul(2), step.saturating_mul(5)] {
            if round >= highest {
                return round;
            }
        }
        step = step.saturating_mul(10);
    }
}

/// What is not nothing is seen.
fn height(value: u32, top: u64) -> u64 {
    const LEAST: u64 = 8;
    (u64::from(value) * HEIGHT / top.max(1)).max(LEAST)
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_number_above_the_highest_bar() {
        for (highest, top) in [(0, 1), (1, 1), (3, 5), (5, 5), (6, 10), (11, 20), (2_317, 5_000)] {
            assert_eq!(scale(highest), top, "{highest}");
        }
        assert!(scale(u64::from(u32::MAX) * 3) >= u64::from(u32::MAX) * 3);
    }

    #[test]
    fn one_of_a_million_is_still_seen() {
        assert!(height(1, 1_000_000) > 0);
        assert_eq!(height(500, 1_000), HEIGHT / 2);
    }
}
