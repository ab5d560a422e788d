//! The memory and the CPU time of a process.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::Failure;

/// The memory of the process that is in use (its resident set), in bytes.
pub fn resident(process: u32) -> Result<u64, Failure> {
    let kibibytes = match fs::read_to_string(format!("/proc/{process}/status")) {
        Ok(status) => of_status(&status),
        // Other systems, such as macOS, lack this file.
        Err(_) => {
            let output = Command::new("ps").args(["-o", "rss=", "-p", &process.to_string()]).output()?;
            String::from_utf8_lossy(&output.stdout).trim().parse().ok()
        }
    };
    let kibibytes: u64 = kibibytes.ok_or("the memory of the app cannot be read: does it still run?")?;
    Ok(kibibytes * 1024)
}

/// The CPU time of all threads of the process; none if the system is not Linux.
pub fn processor_time(process: u32) -> Option<Duration> {
    of_stat(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

fn of_stat(stat: &str) -> Option<Duration> {
    // Linux reports times in hundredths of a second.
    const TICK: Duration = Duration::from_millis(10);
    // The name is in parentheses and may contain spaces. The times are fields 14 and 15; two fields come before the
    // `)`.
    let (_, fields) = stat.rsplit_once(')')?;
    let times: Option<Vec<u32>> = fields.split_whitespace().skip(11).take(2).map(|field| field.parse().ok()).collect();
    Some(times?.into_iter().map(|ticks| TICK * ticks).sum())
}

fn of_status(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_set_is_read_from_linux() {
        assert_eq!(of_status("Name:\tapp\nVmHWM:\t   99 kB\nVmRSS:\t   12345 kB\n"), Some(12345));
        assert_eq!(of_status("Name:\tapp\n"), None);
    }

    #[test]
    fn user_and_system_time_are_added() {
        let stat = "4711 (a (strange) name) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0";
        assert_eq!(of_stat(stat), Some(Duration::from_secs(3)));
        assert_eq!(of_stat("nothing"), None);
    }

    #[test]
    fn memory_of_this_process_is_measured() {
        assert!(resident(std::process::id()).expect("a number") > 100_000);
    }
}
