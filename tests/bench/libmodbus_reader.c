/* Reference for B2: reads planned requests with libmodbus, one at a time on one connection for each port, and writes
 * the raw registers to a log, synced once a cycle.
 *
 * usage: reader PLAN LOG CYCLES
 * PLAN: lines "port unit function address count"; prints "requests cpu_seconds".
 */
#include <errno.h>
#include <modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define MOST 4096

struct request { int port, unit, function, address, count; };

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
    static struct request plan[MOST];
    static modbus_t *links[65536];
    uint16_t registers[125];
    uint8_t bits[2000];
    int requests = 0, cycles, cycle, i;
    long done = 0;
    double began;
    FILE *file, *log;

    if (argc != 4) return 2;
    file = fopen(argv[1], "r");
    log = fopen(argv[2], "wb");
    cycles = atoi(argv[3]);
    if (!file || !log) return 2;
    while (requests < MOST && fscanf(file, "%d %d %d %d %d", &plan[requests].port, &plan[requests].unit,
                                     &plan[requests].function, &plan[requests].address, &plan[requests].count) == 5)
        requests++;
    for (i = 0; i < requests; i++) {
        int port = plan[i].port;
        if (!links[port]) {
            links[port] = modbus_new_tcp("127.0.0.1", port);
            if (!links[port] || modbus_connect(links[port]) != 0) return 3;
            modbus_set_response_timeout(links[port], 2, 0);
        }
    }
    began = cpu_seconds();
    for (cycle = 0; cycle < cycles; cycle++) {
        for (i = 0; i < requests; i++) {
            struct request *r = &plan[i];
            modbus_t *link = links[r->port];
            int got;
            modbus_set_slave(link, r->unit);
            if (r->function == 1) got = modbus_read_bits(link, r->address, r->count, bits);
            else if (r->function == 2) got = modbus_read_input_bits(link, r->address, r->count, bits);
            else if (r->function == 3) got = modbus_read_registers(link, r->address, r->count, registers);
            else got = modbus_read_input_registers(link, r->address, r->count, registers);
            if (got != r->count) { fprintf(stderr, "%s\n", modbus_strerror(errno)); return 4; }
            if (r->function <= 2) fwrite(bits, 1, (size_t)got, log);
            else fwrite(registers, 2, (size_t)got, log);
            done++;
        }
        fflush(log);
        fdatasync(fileno(log));
    }
    printf("%ld %.6f\n", done, cpu_seconds() - began);
    return 0;
}
